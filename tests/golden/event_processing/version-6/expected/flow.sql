-- -------------------------------------------
-- IBM Event Processing flow, SQL made by FlowOps
-- flowName: Tram delays (line 6)
--
-- Connector options are sorted by name.
-- Text such as <password_redacted> stands for a value that is not shown.
-- -------------------------------------------
CREATE FUNCTION TO_TIMESTAMP_UDF AS 'com.ibm.ei.streamproc.udf.ToTimestampUdf';
CREATE FUNCTION TO_TIMESTAMP_LTZ_UDF AS 'com.ibm.ei.streamproc.udf.ToTimestampLtzUdf';

CREATE TABLE `tram-events___TABLE`
(
    `tram`                         STRING,
    `stop`                         STRING,
    `delay`                        BIGINT,
    `planned`                      STRING,
    `seen`                         STRING,
    `planned___EVENT_TIME`         AS CAST (TO_TIMESTAMP_UDF(`planned`) AS TIMESTAMP(3)),
    WATERMARK FOR `planned___EVENT_TIME` AS `planned___EVENT_TIME` - INTERVAL '0.05' SECOND
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'properties.bootstrap.servers' = 'kafka.tram.example:9092',
    'properties.isolation.level' = 'read_committed',
    'properties.security.protocol' = 'PLAINTEXT',
    'scan.startup.mode' = 'earliest-offset',
    'topic' = 'TRAM.EVENTS'
);

CREATE TEMPORARY VIEW `tram-events` AS
SELECT
    `tram`                         AS `tram`,
    `stop`                         AS `stop`,
    `delay`                        AS `delay`,
    `planned___EVENT_TIME`         AS `planned`,
    TO_TIMESTAMP_LTZ_UDF(`seen`)   AS `seen`
FROM `tram-events___TABLE`;

CREATE TEMPORARY VIEW `late` AS
SELECT * FROM `tram-events`
WHERE `delay` > 120
  AND `stop` NOT LIKE 'depot%' -- not the depot
;

CREATE TEMPORARY VIEW `renamed` AS
SELECT
    `tram`                         AS `tram`,
    `planned`                      AS `planned`,
    `seen`                         AS `seen at`,
    CAST(`delay` AS DOUBLE) / 60   AS `minutes`,
    `delay` >= 600                 AS `is very late`
FROM `late`;

CREATE TABLE `all late trams`
(
    `tram`                         STRING,
    `planned`                      TIMESTAMP(6),
    `seen at`                      TIMESTAMP_LTZ(9),
    `minutes`                      DOUBLE,
    `is very late`                 BOOLEAN
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.tram.example:9093',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-256',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.engine.factory.class' = 'com.ibm.ep.kafka.ssl.TrustAll',
    'topic' = 'TRAM.LATE'
);

CREATE TABLE `archive`
(
    `tram`                         STRING,
    `stop`                         STRING,
    `delay`                        BIGINT,
    `planned`                      TIMESTAMP(6),
    `seen`                         TIMESTAMP_LTZ(9)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.tram.example:9094',
    'properties.security.protocol' = 'SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
MIIB6examplecertificatebody
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'topic' = 'TRAM.ARCHIVE'
);

EXECUTE STATEMENT SET
BEGIN
    INSERT INTO `all late trams` SELECT `tram`,CAST(`planned` AS TIMESTAMP(6)),`seen at`,`minutes`,`is very late` FROM `renamed`;
    INSERT INTO `archive` SELECT `tram`,`stop`,`delay`,CAST(`planned` AS TIMESTAMP(6)),`seen` FROM `tram-events`;
END;
-- -------------------------------------------
