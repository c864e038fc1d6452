-- -------------------------------------------
-- IBM Event Processing flow, SQL made by FlowOps
-- flowName: Harbour
--
-- Connector options are sorted by name.
-- Text such as <password_redacted> stands for a value that is not shown.
-- -------------------------------------------
CREATE TABLE `boats___TABLE`
(
    `boat`                         STRING,
    `berth`                        BIGINT,
    `arrived`                      STRING,
    `arrived___EVENT_TIME`         AS CAST (TRY_CAST(REGEXP_EXTRACT(`arrived`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 1) || ' ' || REGEXP_EXTRACT(`arrived`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 2) || COALESCE(REGEXP_EXTRACT(`arrived`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 3), ':00') AS TIMESTAMP(9)) AS TIMESTAMP(3)),
    WATERMARK FOR `arrived___EVENT_TIME` AS `arrived___EVENT_TIME` - INTERVAL '10' SECOND
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'properties.bootstrap.servers' = 'kafka.example:9092',
    'properties.isolation.level' = 'read_committed',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.security.protocol' = 'SASL_PLAINTEXT',
    'scan.startup.mode' = 'earliest-offset',
    'topic' = 'HARBOUR.BOATS'
);

CREATE TEMPORARY VIEW `boats` AS
SELECT
    `boat`                         AS `boat`,
    `berth`                        AS `berth`,
    `arrived___EVENT_TIME`         AS `arrived`
FROM `boats___TABLE`;

CREATE TABLE `tides___TABLE`
(
    `berth`                        BIGINT,
    `depth`                        DOUBLE,
    `event_time`                   TIMESTAMP(3) METADATA FROM 'timestamp',
    WATERMARK FOR `event_time` AS `event_time` - INTERVAL '10' SECOND
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'properties.bootstrap.servers' = 'kafka.example:9092',
    'properties.isolation.level' = 'read_committed',
    'properties.security.protocol' = 'PLAINTEXT',
    'scan.startup.mode' = 'earliest-offset',
    'topic' = 'HARBOUR.TIDES'
);

CREATE TEMPORARY VIEW `tides` AS
SELECT
    `berth`                        AS `berth`,
    `depth`                        AS `depth`,
    `event_time`                   AS `event_time`
FROM `tides___TABLE`;

CREATE TEMPORARY VIEW `at high tide` AS
SELECT
    `boats`.`boat`                 AS `boat`,
    `boats`.`arrived`              AS `arrived`,
    `tides`.`depth`                AS `depth`
FROM `boats` JOIN `tides` ON
    `boats`.`berth` = `tides`.`berth`
WHERE `tides`.`event_time`
    BETWEEN `boats`.`arrived` - INTERVAL '1' HOUR
    AND `boats`.`arrived` + INTERVAL '2' HOUR;

-- the harbour's own register
CREATE TEMPORARY TABLE `register` (
    `boat` STRING,
    `owner` STRING
)
WITH (
    'connector' = 'jdbc',
    'url' = 'jdbc:postgresql://register.harbour.example:5432/boats',
    'table-name' = 'owners',
    'username' = '<username_redacted>',
    'password' = '<password_redacted>'
);

CREATE TEMPORARY VIEW `timed` AS SELECT *, PROCTIME() AS `now` FROM `at high tide`;

CREATE TEMPORARY VIEW `with owner` AS
SELECT `timed`.`boat` AS `boat`, `timed`.`arrived` AS `arrived`, `depth`, `register`.`owner` AS `owner`
FROM `timed` LEFT JOIN `register` FOR SYSTEM_TIME AS OF `timed`.`now`
ON `timed`.`boat` = `register`.`boat`;

CREATE TEMPORARY VIEW `ask the pilot_with owner__SENT` AS
SELECT
    *,
    CAST(ARRAY[ROW(`boat`, 'North')] AS ARRAY<ROW<`boat` STRING, `harbour` STRING>>) AS `requestBody`
FROM `with owner`;

CREATE TEMPORARY VIEW `ask the pilot_with owner__API` AS
SELECT
    *,
    PROCTIME()                     AS `proc_time`
FROM `ask the pilot_with owner__SENT`
    CROSS JOIN UNNEST(`requestBody`) AS `sent` (`requestBody_boat`, `requestBody_harbour`);

CREATE TEMPORARY TABLE `ask the pilot_lookup__API`
(
    `boat`                         STRING,
    `harbour`                      STRING,
    `pilot`                        STRING
)
WITH (
    'asyncPolling' = 'true',
    'connector' = 'rest-lookup',
    'format' = 'json',
    'gid.connector.http.request.body-fields' = 'boat;harbour',
    'gid.connector.http.source.lookup.header.Accept' = 'application/json',
    'gid.connector.http.source.lookup.header.Content-Type' = 'application/json',
    'gid.connector.http.source.lookup.header.Origin' = '*',
    'gid.connector.http.source.lookup.header.X-Api-Key' = '<value_redacted>',
    'gid.connector.http.source.lookup.header.X-Content-Type-Options' = 'nosniff',
    'gid.connector.http.source.lookup.ignored-response-codes' = '1XX,3XX,4XX,5XX',
    'gid.connector.http.source.lookup.query-creator' = 'generic-json-url',
    'gid.connector.http.source.lookup.request.thread-pool.size' = '32',
    'gid.connector.http.source.lookup.request.timeout' = '30',
    'gid.connector.http.source.lookup.response.thread-pool.size' = '16',
    'gid.connector.http.source.lookup.retry-codes' = '',
    'lookup-method' = 'POST',
    'url' = 'https://pilots.example/assign'
);

CREATE TEMPORARY VIEW `ask the pilot` AS
SELECT
    `ask the pilot_with owner__API`.`boat` AS `boat`,
    `ask the pilot_with owner__API`.`arrived` AS `arrived`,
    `ask the pilot_with owner__API`.`owner` AS `owner`,
    `ask the pilot_lookup__API`.`pilot` AS `pilot`
FROM `ask the pilot_with owner__API` JOIN `ask the pilot_lookup__API`
    FOR SYSTEM_TIME AS OF `ask the pilot_with owner__API`.`proc_time`
ON `ask the pilot_lookup__API`.`boat` = `ask the pilot_with owner__API`.`requestBody_boat`
    AND `ask the pilot_lookup__API`.`harbour` = `ask the pilot_with owner__API`.`requestBody_harbour`;

CREATE TABLE `assigned` (
    `boat` STRING,
    `pilot` STRING,
    `arrived` TIMESTAMP(3) METADATA FROM 'timestamp'
)
WITH (
    'connector' = 'kafka',
    'topic' = 'HARBOUR.ASSIGNED',
    'properties.bootstrap.servers' = 'kafka.example:9092',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'format' = 'json'
);

CREATE TABLE `everything`
(
    `boat`                         STRING,
    `arrived`                      TIMESTAMP(6),
    `owner`                        STRING,
    `pilot`                        STRING
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.example:9092',
    'properties.security.protocol' = 'PLAINTEXT',
    'topic' = 'HARBOUR.ALL'
);

CREATE TABLE `raw tides`
(
    `berth`                        BIGINT,
    `depth`                        DOUBLE,
    `event_time`                   TIMESTAMP(6)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.example:9092',
    'properties.security.protocol' = 'PLAINTEXT',
    'topic' = 'HARBOUR.TIDES.COPY'
);

EXECUTE STATEMENT SET
BEGIN
    INSERT INTO `assigned` SELECT `boat`,`pilot`,`arrived` FROM `ask the pilot`;
    INSERT INTO `everything` SELECT `boat`,CAST(`arrived` AS TIMESTAMP(6)),`owner`,`pilot` FROM `ask the pilot`;
    INSERT INTO `raw tides` SELECT `berth`,`depth`,CAST(`event_time` AS TIMESTAMP(6)) FROM `tides`;
END;
-- -------------------------------------------
