-- -------------------------------------------
-- IBM Event Processing flow, SQL made by FlowOps
-- flowName: Glasshouse / climate
--
-- Connector options are sorted by name.
-- Text such as <password_redacted> stands for a value that is not shown.
-- -------------------------------------------
CREATE TABLE `climate___TABLE`
(
    `sensor`                       STRING,
    `air`                          ROW<`temperature` DOUBLE, `humidity` BIGINT, `checked` STRING>,
    `leaf`                         ROW<`colour` STRING, `size` DOUBLE>,
    `tags`                         ARRAY<STRING>,
    `is_day`                       BOOLEAN,
    `time`                         STRING,
    `time___EVENT_TIME`            AS CAST (TRY_CAST(REGEXP_EXTRACT(`time`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 1) || ' ' || REGEXP_EXTRACT(`time`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 2) || COALESCE(REGEXP_EXTRACT(`time`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 3), ':00') AS TIMESTAMP(9)) AS TIMESTAMP(3)),
    WATERMARK FOR `time___EVENT_TIME` AS `time___EVENT_TIME` - INTERVAL '180' SECOND(3)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'properties.bootstrap.servers' = 'kafka.glass.example:9095',
    'properties.isolation.level' = 'read_committed',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
MIIB9examplecertificatebody
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'scan.startup.mode' = 'latest-offset',
    'topic' = 'GLASS.CLIMATE'
);

CREATE TEMPORARY VIEW `climate` AS
SELECT
    `sensor`                       AS `sensor`,
    CAST(CASE WHEN `air` IS NOT NULL THEN ROW(`air`.`temperature`, `air`.`humidity`, TRY_CAST(REGEXP_EXTRACT(`air`.`checked`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 1) || ' ' || REGEXP_EXTRACT(`air`.`checked`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 2) || COALESCE(REGEXP_EXTRACT(`air`.`checked`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 3), ':00') AS TIMESTAMP(9))) END AS ROW<`temperature` DOUBLE, `humidity` BIGINT, `checked` TIMESTAMP(9)>) AS `air`,
    `leaf`                         AS `leaf`,
    `tags`                         AS `tags`,
    `is_day`                       AS `is_day`,
    `time___EVENT_TIME`            AS `time`
FROM `climate___TABLE`;

CREATE TEMPORARY VIEW `warm` AS
SELECT
    `sensor`                       AS `sensor id`,
    `air`                          AS `air`,
    CAST(CASE WHEN `leaf` IS NOT NULL THEN ROW(`leaf`.`colour`) END AS ROW<`color` STRING>) AS `leaf`,
    `tags`                         AS `tags`,
    `time`                         AS `time`,
    `air`.`temperature`            AS `degrees`,
    `tags`[1]                      AS `first tag`,
    CASE WHEN `is_day` THEN UPPER(`sensor`) ELSE CONCAT(`sensor`, ' (night)') END AS `label`,
    TIMESTAMPADD(HOUR, 1, `time`)  AS `later`,
    CHAR_LENGTH(`sensor`) + 0      AS `rank`
FROM `climate`;

CREATE TEMPORARY VIEW `hot` AS
SELECT * FROM `warm`
WHERE `degrees` > 30 OR `first tag` = 'watch';

CREATE TEMPORARY VIEW `by day` AS
SELECT
    `readings`,
    `start`
FROM (
SELECT
    COUNT(`sensor id`) AS `readings`,
    `window_start` AS `start`
FROM TABLE (
    TUMBLE( TABLE `hot`, DESCRIPTOR(`time`), INTERVAL '1' DAY )
)
GROUP BY
    `window_start`,
    `window_end`,
    `window_time`
);

-- a note that isn't SQL
CREATE TEMPORARY TABLE `beds_database` ( `bed` STRING, `owner` STRING )
WITH (
    'connector' = 'jdbc',
    'url' = 'jdbc:postgresql://db.glass.example:5432/beds?user=<username_redacted>&password=<password_redacted>',
    'username' = '<username_redacted>',
    'password' = '<password_redacted>',
    'table-name' = 'beds'
);
CREATE TEMPORARY VIEW `beds` AS SELECT * FROM `climate`;

CREATE TABLE `hot air`
(
    `sensor id`                    STRING,
    `air`                          ROW<`temperature` DOUBLE, `humidity` BIGINT, `checked` TIMESTAMP(9)>,
    `leaf`                         ROW<`color` STRING>,
    `tags`                         ARRAY<STRING>,
    `time`                         TIMESTAMP(6),
    `degrees`                      DOUBLE,
    `first tag`                    STRING,
    `label`                        STRING,
    `later`                        TIMESTAMP(9),
    `rank`                         INT
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.glass.example:9095',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
MIIB9examplecertificatebody
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'topic' = 'GLASS.HOT'
);

CREATE TABLE `days`
(
    `readings`                     BIGINT,
    `start`                        TIMESTAMP(9)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.glass.example:9095',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
MIIB9examplecertificatebody
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'topic' = 'GLASS.DAYS'
);

EXECUTE STATEMENT SET
BEGIN
    INSERT INTO `hot air` SELECT `sensor id`,`air`,`leaf`,`tags`,CAST(`time` AS TIMESTAMP(6)),`degrees`,`first tag`,`label`,`later`,`rank` FROM `hot`;
    INSERT INTO `days` SELECT `readings`,`start` FROM `by day`;
END;
-- -------------------------------------------
