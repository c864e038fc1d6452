-- -------------------------------------------
-- IBM Event Processing flow, SQL made by FlowOps
-- flowName: Harbour arrivals
--
-- Connector options are sorted by name.
-- Text such as <password_redacted> stands for a value that is not shown.
-- -------------------------------------------
CREATE TABLE `Arrivals___TABLE`
(
    `ship`                         STRING,
    `berth`                        STRING,
    `tonnage`                      DOUBLE,
    `docked_at`                    STRING,
    `left_at`                      STRING,
    `docked_at___EVENT_TIME`       AS CAST (TO_TIMESTAMP_LTZ(EXTRACT(EPOCH FROM TRY_CAST(REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 1) || ' ' || REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 2) || COALESCE(REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 3), ':00') AS TIMESTAMP(3))) * 1000 + EXTRACT(MILLISECOND FROM TRY_CAST(REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 1) || ' ' || REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 2) || COALESCE(REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 3), ':00') AS TIMESTAMP(3))) - COALESCE(CAST(REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 6) || REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 7) AS INT), 0) * 3600000 - COALESCE(CAST(REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 6) || REGEXP_EXTRACT(`docked_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?([Zz]|([+-])(0[0-9]|1[0-7]|18(?=:?00|$))(:?([0-5][0-9]))?)$', 9) AS INT), 0) * 60000, 3) AS TIMESTAMP_LTZ(3)),
    WATERMARK FOR `docked_at___EVENT_TIME` AS `docked_at___EVENT_TIME` - INTERVAL '1' MINUTE
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'properties.bootstrap.servers' = 'kafka-a.harbour.example:9095,kafka-b.harbour.example:9095',
    'properties.isolation.level' = 'read_committed',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
MIIB1examplecertificatebody
-----END CERTIFICATE-----
,-----BEGIN CERTIFICATE-----
MIIB2examplecertificatebody
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'scan.startup.mode' = 'earliest-offset',
    'topic' = 'HARBOUR.ARRIVALS'
);

CREATE TEMPORARY VIEW `Arrivals` AS
SELECT
    `ship`                         AS `ship`,
    `berth`                        AS `berth`,
    `tonnage`                      AS `tonnage`,
    `docked_at___EVENT_TIME`       AS `docked_at`,
    TRY_CAST(REGEXP_EXTRACT(`left_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 1) || ' ' || REGEXP_EXTRACT(`left_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 2) || COALESCE(REGEXP_EXTRACT(`left_at`, '^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2})(:[0-9]{2}([.][0-9]{0,9})?)?$', 3), ':00') AS TIMESTAMP(9))    AS `left_at`
FROM `Arrivals___TABLE`;

CREATE TEMPORARY VIEW `Large ships` AS
SELECT * FROM `Arrivals`
WHERE `tonnage` > 2000.5 AND `berth` <> 'dry ''dock''';

CREATE TEMPORARY VIEW `Per berth` AS
SELECT
    `berth`,
    `ships`,
    `largest`,
    `from`,
    `to`,
    `result time`
FROM (
SELECT
    `berth` AS `berth`,
    COUNT(DISTINCT `ship`) AS `ships`,
    MAX(`tonnage`) AS `largest`,
    `window_start` AS `from`,
    `window_end` AS `to`,
    `window_time` AS `result time`
FROM TABLE (
    TUMBLE( TABLE `Large ships`, DESCRIPTOR(`docked_at`), INTERVAL '1' HOUR )
)
GROUP BY
    `window_start`,
    `window_end`,
    `window_time`,
    `berth`
);

CREATE TABLE `Berth load`
(
    `berth`                        STRING,
    `ships`                        BIGINT,
    `largest`                      DOUBLE,
    `from`                         TIMESTAMP(9),
    `to`                           TIMESTAMP(9),
    `result time`                  TIMESTAMP_LTZ(6)
)
WITH (
    'connector' = 'kafka',
    'format' = 'json',
    'properties.bootstrap.servers' = 'kafka-a.harbour.example:9095,kafka-b.harbour.example:9095',
    'properties.sasl.jaas.config' = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="<username_redacted>" password="<password_redacted>";',
    'properties.sasl.mechanism' = 'SCRAM-SHA-512',
    'properties.security.protocol' = 'SASL_SSL',
    'properties.ssl.endpoint.identification.algorithm' = '',
    'properties.ssl.truststore.certificates' = '-----BEGIN CERTIFICATE-----
MIIB1examplecertificatebody
-----END CERTIFICATE-----
,-----BEGIN CERTIFICATE-----
MIIB2examplecertificatebody
-----END CERTIFICATE-----
',
    'properties.ssl.truststore.type' = 'PEM',
    'properties.tls.pemChainIncluded' = 'false',
    'topic' = 'HARBOUR.BERTHS'
);

EXECUTE STATEMENT SET
BEGIN
    INSERT INTO `Berth load` SELECT `berth`,`ships`,`largest`,`from`,`to`,CAST(`result time` AS TIMESTAMP_LTZ(6)) FROM `Per berth`;
END;
-- -------------------------------------------
