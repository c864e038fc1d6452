-- -------------------------------------------
-- IBM Event Processing flow, SQL made by FlowOps
-- flowName: Large orders
--
-- Connector options are sorted by name.
-- Text such as <password_redacted> stands for a value that is not shown.
-- -------------------------------------------
CREATE FUNCTION TO_TIMESTAMP_LTZ_UDF AS 'com.ibm.ei.streamproc.udf.ToTimestampLtzUdf';

CREATE TABLE `orders___TABLE`
(
    `id`                           STRING,
    `customer`                     STRING,
    `country`                      STRING,
    `price`                        DOUBLE,
    `quantity`                     BIGINT,
    `ordered`                      STRING,
    `ordered___EVENT_TIME`         AS CAST (TO_TIMESTAMP_LTZ_UDF(`ordered`) AS TIMESTAMP_LTZ(3)),
    WATERMARK FOR `ordered___EVENT_TIME` AS `ordered___EVENT_TIME` - INTERVAL '30' SECOND
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'properties.bootstrap.servers' = 'kafka.staging:9093',
    'properties.isolation.level' = 'read_committed',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<kafka_username_redacted>" password="<kafka_password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
ZGV2ZWxvcG1lbnQ=
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'scan.startup.mode' = 'latest-offset',
    'topic' = 'ORDERS'
);

CREATE TEMPORARY VIEW `orders` AS
SELECT
    `id`                           AS `id`,
    `customer`                     AS `customer`,
    `country`                      AS `country`,
    `price`                        AS `price`,
    `quantity`                     AS `quantity`,
    `ordered___EVENT_TIME`         AS `ordered`
FROM `orders___TABLE`;

CREATE TEMPORARY VIEW `large orders` AS
SELECT * FROM `orders`
WHERE `price` * `quantity` > 1000;

CREATE TEMPORARY VIEW `with region` AS
SELECT
    `id`                           AS `id`,
    UPPER(`country`)               AS `region`,
    `price`                        AS `price`,
    `ordered`                      AS `ordered`
FROM `large orders`;

CREATE TEMPORARY VIEW `orders per hour` AS
SELECT
    `region`,
    `orders`,
    `hour`
FROM (
SELECT
    `region` AS `region`,
    COUNT(`id`) AS `orders`,
    `window_start` AS `hour`
FROM TABLE (
    TUMBLE( TABLE `with region`, DESCRIPTOR(`ordered`), INTERVAL '1' HOUR )
)
GROUP BY
    `window_start`,
    `window_end`,
    `window_time`,
    `region`
);

CREATE TABLE `alerts`
(
    `region`                       STRING,
    `orders`                       BIGINT,
    `hour`                         TIMESTAMP(9)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka.staging:9093',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<kafka_username_redacted>" password="<kafka_password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
ZGV2ZWxvcG1lbnQ=
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'topic' = 'LARGE.ORDERS'
);

EXECUTE STATEMENT SET
BEGIN
    INSERT INTO `alerts` SELECT `region`,`orders`,`hour` FROM `orders per hour`;
END;
-- -------------------------------------------
