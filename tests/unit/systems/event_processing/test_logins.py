"""A secret that Kafka could not read is refused before anything sees a part of it."""

from __future__ import annotations

import pytest

from flowops.errors import InputError
from flowops.secrets import Secret
from flowops.systems.event_processing.logins import refuse_broken_logins
from flowops.systems.event_processing.targets.flink.launch import launch_of
from flowops.systems.event_processing.targets.flink.marks import JobMark

SQL = """\
CREATE TABLE `orders` (n INT) WITH ('connector' = 'kafka',
  'properties.sasl.jaas.config' = '{login}');
INSERT INTO b SELECT 1;
"""
LOGIN = 'org.apache.A$B required username="u" password="{password}";'


def sql(password: str, login: str = LOGIN) -> Secret:
    """Return the SQL with a password that cannot be seen."""
    texts = [SQL.format(login=login.format(password=p)) for p in (password, "<x>")]
    return Secret(*texts)


@pytest.mark.parametrize("password", ['hunter"Tail', 'a" b="c', '"', "a\nb", "a\\"])
def test_a_password_that_breaks_its_login_is_refused(password: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_broken_logins(sql(password), "Large orders")
    assert caught.value.message == (
        "Large orders: Kafka cannot read the login of orders with the values of its "
        "secrets"
    )


def test_it_is_refused_before_a_cluster_is_told() -> None:
    mark = JobMark("shop", "Large orders", "run-1", "sha256:0", "a.jar", {}, {})
    launch_of(mark, {"flow.sql": sql("hunter2")})
    with pytest.raises(InputError, match="Large orders: Kafka cannot read the login"):
        launch_of(mark, {"flow.sql": sql('hunter"Tail')})


@pytest.mark.parametrize("password", ["hunter2", "a b;c=d", '\\"', "ü€", "", "$1{}"])
def test_any_other_is_not(password: str) -> None:
    refuse_broken_logins(sql(password), "Large orders")


@pytest.mark.parametrize("login", ["", "odd {password}", "A required x=<u> {password}"])
def test_a_login_that_cannot_be_read_anyhow_is_for_others_to_judge(login: str) -> None:
    refuse_broken_logins(sql('a"b', login), "Large orders")
