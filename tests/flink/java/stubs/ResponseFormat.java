package stubs;

import java.util.Set;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;

/** Stands for the vendor's format of answers while planning: same name, same option. */
public final class ResponseFormat implements DeserializationFormatFactory {
    private static final ConfigOption<String> PATHS =
            ConfigOptions.key("arg-paths").stringType().noDefaultValue();

    @Override
    public String factoryIdentifier() {
        return "gid.connector.http.response-json";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(PATHS);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        FactoryUtil.validateFactoryOptions(this, options);
        return new Format();
    }

    private static final class Format implements DecodingFormat<DeserializationSchema<RowData>> {
        @Override
        public DeserializationSchema<RowData> createRuntimeDecoder(
                DynamicTableSource.Context context, DataType type) {
            return new Decoder(context.createTypeInformation(type));
        }

        @Override
        public ChangelogMode getChangelogMode() {
            return ChangelogMode.insertOnly();
        }
    }

    /** Never called: a plan is made and not run. */
    private static final class Decoder implements DeserializationSchema<RowData> {
        private final TypeInformation<RowData> type;

        Decoder(TypeInformation<RowData> type) {
            this.type = type;
        }

        @Override
        public RowData deserialize(byte[] message) {
            throw new UnsupportedOperationException("for planning only");
        }

        @Override
        public boolean isEndOfStream(RowData row) {
            return false;
        }

        @Override
        public TypeInformation<RowData> getProducedType() {
            return type;
        }
    }
}
