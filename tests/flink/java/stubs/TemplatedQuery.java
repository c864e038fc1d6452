package stubs;

import java.util.Set;

import com.getindata.connectors.http.LookupQueryCreator;
import com.getindata.connectors.http.LookupQueryCreatorFactory;
import com.getindata.connectors.http.internal.table.lookup.LookupRow;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.factories.DynamicTableFactory;

/** Stands for the vendor's way to make a request while planning: same name, same option. */
public final class TemplatedQuery implements LookupQueryCreatorFactory {
    private static final ConfigOption<String> PATHS =
            ConfigOptions.key("gid.connector.http.request-arg-paths")
                    .stringType()
                    .noDefaultValue();

    @Override
    public String factoryIdentifier() {
        return "templated-query";
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
    public LookupQueryCreator createLookupQueryCreator(
            ReadableConfig options, LookupRow row, DynamicTableFactory.Context context) {
        return keys -> {
            throw new UnsupportedOperationException("for planning only");
        };
    }
}
