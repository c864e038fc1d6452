-- -------------------------------------------
-- IBM Event Processing flow, SQL made by FlowOps
-- flowName: Große Beträge («EU»)
--
-- Connector options are sorted by name.
-- Text such as <password_redacted> stands for a value that is not shown.
-- -------------------------------------------
CREATE TABLE `readings___TABLE`
(
    `city`                         STRING,
    `degrees`                      DOUBLE,
    `time`                         STRING,
    `time___EVENT_TIME`            AS CAST (TRY_CAST(REGEXP_EXTRACT(`time`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 1) || ' ' || REGEXP_EXTRACT(`time`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 2) || COALESCE(REGEXP_EXTRACT(`time`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 3), ':00') AS TIMESTAMP(9)) AS TIMESTAMP(3)),
    WATERMARK FOR `time___EVENT_TIME` AS `time___EVENT_TIME` - INTERVAL '5' SECOND
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'properties.bootstrap.servers' = 'kafka.example:9092',
    'properties.isolation.level' = 'read_committed',
    'properties.security.protocol' = 'PLAINTEXT',
    'scan.startup.mode' = 'earliest-offset',
    'topic' = 'READINGS'
);

CREATE TEMPORARY VIEW `readings` AS
SELECT
    `city`                         AS `city`,
    `degrees`                      AS `degrees`,
    `time___EVENT_TIME`            AS `time`
FROM `readings___TABLE`;

CREATE TEMPORARY VIEW `chosen` AS
SELECT * FROM `readings`
WHERE TRUE;

CREATE TABLE `big`
(
    `city`                         STRING,
    `degrees`                      DOUBLE,
    `time`                         TIMESTAMP(6)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.example:9092',
    'properties.security.protocol' = 'PLAINTEXT',
    'topic' = 'RESULTS'
);

CREATE TABLE `small`
(
    `city`                         STRING,
    `degrees`                      DOUBLE,
    `time`                         TIMESTAMP(6)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.example:9092',
    'properties.security.protocol' = 'PLAINTEXT',
    'topic' = 'S'
);

EXECUTE STATEMENT SET
BEGIN
    INSERT INTO `big` SELECT `city`,`degrees`,CAST(`time` AS TIMESTAMP(6)) FROM `chosen`;
    INSERT INTO `small` SELECT `city`,`degrees`,CAST(`time` AS TIMESTAMP(6)) FROM `chosen`;
END;
-- -------------------------------------------
