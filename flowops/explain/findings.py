"""What the findings mean that no rule of Amazon Connect is behind, in words.

One row each: the title, what it says and why, and what to do. A row stands here for
every finding that the code makes; a test looks for the names in the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Words = tuple[str, str, str]

PROJECT: Mapping[str, Words] = {
    "environment/no-such-target": (
        "A target is of a kind that its system does not have",
        "The `kind` under `targets` is misspelled, or belongs to the other system.",
        "write one of the kinds that the finding names",
    ),
    "environment/unreadable": (
        "An environment cannot be used",
        (
            "The file is no YAML, has a key that does not exist, or extends what is "
            "not there. Nothing is planned for it."
        ),
        "mend the place; `flowops schema environment` has every key",
    ),
    "environment/unusable-target": (
        "A target cannot be used as the environment describes it",
        (
            "A setting is misspelled, is lacking, or has a value that the target does "
            "not take. Nothing was asked to tell this."
        ),
        "mend the setting; `flowops schema environment` has those of every target",
    ),
    "flow/cannot-be-rendered": (
        "The files for an environment cannot be made",
        (
            "The flow can be read, but not with what this environment says, or not "
            "for this target. The other flows go on."
        ),
        "mend the place that the finding names",
    ),
    "flow/job-failed": (
        "The job of a flow has failed for good",
        (
            "The flow is on the target and does not run. A promote starts it again "
            "from the last checkpoint or savepoint that the cluster still names. Where "
            "it names none, the job would lose its state, which the guard "
            "`state-dropping` refuses."
        ),
        "mend what made it fail, and promote",
    ),
    "flow/twice": (
        "Two files hold the same flow",
        (
            "A flow is told by its system, kind and name. Of two files nobody knows "
            "which one is meant; a legacy export and what it was converted to are "
            "such a pair."
        ),
        "take one of them out of the project, or rename the flow in it",
    ),
    "environment/no-target": (
        "There is nothing to ask",
        (
            "The environment names no target for the flows of a system. Every flow "
            "counts as new, and what it refers to is not looked up."
        ),
        "name a target, or compare with a Git ref: plan ENV --base REF",
    ),
    "flow/unreadable": (
        "A file cannot be read as a flow",
        (
            "A pattern under `flows` finds the file, and it is damaged or something "
            "else. The other flows go on."
        ),
        "export the flow again, or narrow the pattern in flowops.yaml",
    ),
    "inventory/gap": (
        "Something could not be asked for, or only in part",
        (
            "A server is down or refuses the login, or rights hide names. References "
            "of this kind are not looked up, and nothing else is said about them."
        ),
        "mend what the finding names, and plan again",
    ),
    "inventory/no-snapshot": (
        "References were not looked up",
        (
            "A plan against a Git ref asks no target. What exists there it takes from "
            "the environment's snapshot, `environments/NAME.inventory.json`, and there "
            "is none."
        ),
        "write one with flowops inventory, and commit it",
    ),
    "run/cut-off": (
        "A run was cut off",
        (
            "A promote or a rollback left its journal: it was killed, or it is still "
            "at work. The next one in this folder undoes it before it plans, so that "
            "what this plan compares with, and its digest, may be another then."
        ),
        "promote or roll back in the folder where the run was cut off",
    ),
    "record/missing": (
        "A flow is as the project has it, and its last record says otherwise",
        (
            "A promote wrote the flow, and its record is not here: it was killed "
            "at its very end on a machine that is gone, or it was not kept. `drift` "
            "and `plan --recorded` compare with the record before. The next promote "
            "writes the record anew, and nothing on the target changes."
        ),
        "promote, or fetch .flowops/records from where you keep it",
    ),
    "inventory/unreadable": (
        "A snapshot of what exists is damaged",
        (
            "`environments/NAME.inventory.json` is not what flowops inventory writes. "
            "A plan against a Git ref cannot be made with it."
        ),
        "write it again with flowops inventory",
    ),
    "inventory/stale": (
        "The snapshot of what exists is old",
        (
            "A plan against a Git ref looks references up in a snapshot that is more "
            "than 30 days old. What it lists may be gone, and what is missing there "
            "may exist."
        ),
        "write it again with flowops inventory",
    ),
    "environment/wrong-ending": (
        "A file among the environments is none",
        (
            "An environment is `NAME.yaml` in the folder of environments. A file with "
            "another ending is not read, and nothing is checked in it."
        ),
        "rename it",
    ),
    "overlay/fills-nothing": (
        "A variable or a secret is used nowhere",
        (
            "No template of the environment uses the name, nor of one that extends "
            "it. With a typo in it the value that the environment extends would stay, "
            "and nobody would see it: a name that is very like one in use, which the "
            "file does not set, is an error, any other a warning."
        ),
        "mend the name, or take it out",
    ),
    "overlay/cannot-be-filled": (
        "A template uses a name that has no value",
        (
            "`{{ name }}` is filled from `variables` and `secrets` of the environment "
            "and of those it extends."
        ),
        "name it there, or mend the spelling",
    ),
    "overlay/matches-nothing": (
        "An environment says something about nothing",
        (
            "A flow, node, table, property or reference that it names does not exist, "
            "so the value would never be used. It is most often a typo."
        ),
        "mend the name, or take the key out",
    ),
    "overlay/unknown-property": (
        "An environment sets a property that is most likely a typo",
        (
            "It differs by a letter or two from one that the table has, and no flow "
            "has it. It would be added beside the one that was meant. A new option of "
            "the connector is taken."
        ),
        "mend the name of the property",
    ),
    "project/no-files": (
        "A pattern finds no file",
        "A pattern under `flows` in flowops.yaml matches nothing.",
        "mend the pattern, or take it out",
    ),
    "reference/ambiguous": (
        "A reference has several answers",
        "More than one resource on the target has the name, so that none is taken.",
        "map it by ARN under `references` of the environment",
    ),
    "reference/near-name": (
        "Names on the target differ only in case",
        "The exact one is taken. The others may be what was meant.",
        "rename one there, or map the reference by ARN under `references`",
    ),
    "reference/placeholder": (
        "A placeholder of another tool was never filled in",
        (
            "A value such as `${Name}` stands where a reference belongs, and would be "
            "written to the target as it is."
        ),
        "map it under `references` of the environment",
    ),
    "reference/unchecked": (
        "A reference cannot be looked up",
        (
            "No API lists resources of this kind, or not with these rights. The value "
            "is taken as it stands."
        ),
        "see that it exists there; map it under `references` where it differs",
    ),
    "reference/unresolved": (
        "A flow refers to something that the target does not have",
        (
            "Neither the overlay, nor the same ARN, nor a name, nor a flow of the "
            "same promote answers it. A flow with such a reference is not promoted."
        ),
        "map it under `references` of the environment, or create it there",
    ),
    "rollback/redacted": (
        "The secrets of a recorded state are not known, so that it cannot be put back",
        (
            "Records are redacted. What a record has redacted is rendered again from "
            "the commit it names; here that commit is not to be had, or renders "
            "something else, or what ran was no commit's."
        ),
        "fetch the whole history, or promote a commit that has the flow as it was",
    ),
    "secret/source-missing": (
        "A secret has no value on this machine",
        (
            "The variable or file that `secrets` names is not here. A plan needs no "
            "values; what has to open the secret, such as a promote to a job, fails."
        ),
        "set it where the flow is deployed",
    ),
}

STREAMS: Mapping[str, Words] = {
    "api-constant": (
        "A constant is sent to an API",
        (
            "A job that is deployed from the zip fails on constants, a known bug of "
            "the product. The SQL is not concerned."
        ),
        "deploy the SQL, or compute the value in a transform before",
    ),
    "canvas-differs": (
        "The flow is drawn otherwise than it runs",
        (
            "An export holds its graph twice. Here the two differ, most often because "
            "the file was edited by hand."
        ),
        "open the flow in the editor, look at it, and export it again",
    ),
    "clear-broker": (
        "Brokers ask for no login, and nothing is encrypted",
        "Whoever reaches the brokers reads and writes the topics.",
        "set `properties.security.protocol` to SASL_SSL, except on a laptop",
    ),
    "clear-login": (
        "A login and events travel unencrypted",
        "SASL_PLAINTEXT sends the password in a form that others can read.",
        "set `properties.security.protocol` to SASL_SSL",
    ),
    "connector-changed": (
        "An environment changes the connector of a table, or takes it away",
        "The product knows a node by its connector and does not take another.",
        "take `connector` out of the environment",
    ),
    "flow-version": (
        "The export is of a version that has not been seen",
        (
            "Every node has a shape that is known, so that it is read; what is new in "
            "the version is not known."
        ),
        "compare the SQL with what the product exports",
    ),
    "format-changed": (
        "An environment changes the format of a table, or takes it away",
        "The columns of the flow were made for the format it was drawn with.",
        "take the format out of the environment",
    ),
    "incomplete-config": (
        "config.yaml does not list the connector of a node",
        (
            "The node is of a sort whose tables are not known; its options stay as "
            "the export has them."
        ),
        "see that they fit the environment",
    ),
    "jaas-quotes": (
        "A login line has a sign that the product cannot read",
        "It is a single quote or a backslash, or a double quote in a password.",
        "use double quotes around values and escape nothing, or change the password",
    ),
    "login-redacted": (
        "A placeholder stands where a login belongs",
        (
            "The export has no password, and the environment gives none. It is an "
            "error for a target that runs jobs, else a warning."
        ),
        "set `properties.sasl.jaas.config` of the node, from `secrets`",
    ),
    "mixed-clocks": (
        "Two sorts of time meet in one flow",
        (
            "Event times with and without a zone meet, or a window counts by "
            "processing time where the flow has event time."
        ),
        "give every event time a zone, and gather by event time",
    ),
    "newer-node": (
        "The target is too old for a node",
        "The node came with a later version than the `version` of the target.",
        "take a newer product there, replace the node, or mend `version`",
    ),
    "no-destination": (
        "The flow writes nowhere",
        "The SQL makes tables and views and runs nothing.",
        "add a destination to the flow",
    ),
    "no-savepoints": (
        "A job has nowhere to put its savepoints",
        "It is upgraded by savepoint, and without `storage` there is no place for one.",
        "name a PersistentVolumeClaim as `storage` of the target",
    ),
    "no-sql": (
        "A node has no SQL",
        (
            "Nobody has published what a node becomes. flow.sql leaves the node out, "
            "or is not made where others need it; config.yaml and the zip are."
        ),
        "deploy the zip, or export SQL from the product",
    ),
    "not-exportable": (
        "The target is too old to make this export",
        "The product of the `version` that the target names exports no such file.",
        "mend `version`, or export the flow in another form",
    ),
    "not-imported": (
        "import.json lacks an option",
        "The option has no place in the nodes of the flow.",
        "set it in the editor after the import",
    ),
    "placeholder": (
        "A redacted value was not filled in",
        (
            "The export says `<…_redacted>` and the environment sets nothing. It is "
            "an error for a target that runs jobs, else a warning."
        ),
        "set the property under `config`, from `secrets`",
    ),
    "secret-in-file": (
        "A live secret stands in a file",
        "Whoever can read the repository can read it, also in its history.",
        "run `flowops redact FILE --write`, and change the secret",
    ),
    "start-implicit": (
        "Nothing says where a source starts to read",
        (
            "Flink then goes on where the group stopped, and fails where it has not "
            "begun. For exports older than the option the product begins at the first "
            "event."
        ),
        "set `scan.startup.mode` of the node in the environment",
    ),
    "trust-all": (
        "A node takes any certificate of a broker",
        "Whoever stands in between can read and change the events.",
        "give the certificate of the authority instead",
    ),
    "unconfirmed-config": (
        "An entry of config.yaml follows no example",
        "How the product lists this node is not public.",
        "compare with what the product exports",
    ),
    "unknown-login": (
        "A login is of a sort that cannot be written",
        "FlowOps writes the logins that the documentation of the product names.",
        "set `properties.sasl.*` of the node in the environment",
    ),
    "unknown-node": (
        "A node is of a sort or shape that is not known",
        "Nobody has published it. It keeps all but the SQL.",
        "deploy the zip, or export SQL from the product",
    ),
    "unknown-table": (
        "An environment names a node or a table that the flow does not have",
        "config.yaml would hold options that nothing reads.",
        "mend the name under `config`",
    ),
}

FINDINGS: Mapping[str, Words] = {
    **PROJECT,
    **{f"event-processing/{name}": words for name, words in STREAMS.items()},
}
