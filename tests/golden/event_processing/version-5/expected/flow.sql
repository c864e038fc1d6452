-- -------------------------------------------
-- IBM Event Processing flow, SQL made by FlowOps
-- flowName: Orchard harvest
--
-- Connector options are sorted by name.
-- Text such as <password_redacted> stands for a value that is not shown.
-- -------------------------------------------
CREATE TABLE `Baskets___TABLE`
(
    `id`                           STRING NOT NULL,
    `variety`                      STRING NOT NULL,
    `weight`                       DOUBLE NOT NULL,
    `count`                        BIGINT NOT NULL,
    `note`                         STRING,
    `picker`                       STRING NOT NULL,
    `field`                        ROW<`row` INT NOT NULL, `name` STRING NOT NULL> NOT NULL,
    `event_time`                   TIMESTAMP(3) METADATA FROM 'timestamp',
    WATERMARK FOR `event_time` AS `event_time` - INTERVAL '30' SECOND
)
WITH (
    'connector' = 'kafka',
    'format' = 'avro',
    'properties.bootstrap.servers' = 'gateway.orchard.example:443',
    'properties.isolation.level' = 'read_committed',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'PLAIN',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
MIIB5examplecertificatebody
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'scan.startup.mode' = 'earliest-offset',
    'topic' = 'BASKETS'
);

CREATE TEMPORARY VIEW `Baskets` AS
SELECT
    `id`                           AS `id`,
    `variety`                      AS `variety`,
    `weight`                       AS `weight`,
    `count`                        AS `count`,
    `note`                         AS `note`,
    `field`                        AS `field`,
    `event_time`                   AS `event_time`
FROM `Baskets___TABLE`;

CREATE TEMPORARY VIEW `Grams` AS
SELECT
    `variety`                      AS `kind`,
    `count`                        AS `pieces`,
    `event_time`                   AS `event_time`,
    `weight` * 1000                AS `grams`,
    `field`.`row`                  AS `row`,
    REGEXP_EXTRACT(`variety`, '([A-Z]+)-(.*)', 1) AS `family`
FROM `Baskets`;

CREATE TEMPORARY VIEW `Half hours` AS
SELECT
    `pieces`,
    `mean grams`,
    `kind`,
    `family`,
    `result time`
FROM (
SELECT
    SUM(`pieces`) AS `pieces`,
    AVG(`grams`) AS `mean grams`,
    `kind` AS `kind`,
    `family` AS `family`,
    `window_time` AS `result time`
FROM TABLE (
    TUMBLE( TABLE `Grams`, DESCRIPTOR(`event_time`), INTERVAL '30' MINUTE )
)
GROUP BY
    `window_start`,
    `window_end`,
    `window_time`,
    `kind`,
    `family`
);

CREATE TABLE `Harvest`
(
    `pieces`                       BIGINT,
    `mean grams`                   DOUBLE,
    `kind`                         STRING,
    `family`                       STRING,
    `result time`                  TIMESTAMP(6)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'gateway.orchard.example:443',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'PLAIN',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
MIIB5examplecertificatebody
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'topic' = 'HARVEST'
);

EXECUTE STATEMENT SET
BEGIN
    INSERT INTO `Harvest` SELECT `pieces`,`mean grams`,`kind`,`family`,CAST(`result time` AS TIMESTAMP(6)) FROM `Half hours`;
END;
-- -------------------------------------------
