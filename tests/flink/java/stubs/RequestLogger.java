package stubs;

import java.util.Set;

import com.getindata.connectors.http.HttpPostRequestCallback;
import com.getindata.connectors.http.HttpPostRequestCallbackFactory;
import com.getindata.connectors.http.internal.table.lookup.HttpLookupSourceRequestEntry;
import org.apache.flink.configuration.ConfigOption;

/** Stands for the vendor's logger of requests while planning: same name. */
public final class RequestLogger
        implements HttpPostRequestCallbackFactory<HttpLookupSourceRequestEntry> {
    @Override
    public String factoryIdentifier() {
        return "rest-lookup-logger";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public HttpPostRequestCallback<HttpLookupSourceRequestEntry> createHttpPostRequestCallback() {
        return (response, request, url, headers) -> {
            throw new UnsupportedOperationException("for planning only");
        };
    }
}
