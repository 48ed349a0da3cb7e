package dev.nagare.server.http;

import io.vertx.ext.web.Router;
import java.util.Map;

/**
 * Paths of Triton that its clients know and that are not offered here: 501 with what to do instead,
 * rather than 404, which would look like a wrong address.
 */
public final class UnsupportedRoute implements Route {
  private static final String SHARED_MEMORY =
      "shared memory is not offered here; send tensors in the request";
  private static final String TRACE = "trace settings are not offered here";
  private static final Map<String, String> PATHS =
      Map.of(
          "/v2/systemsharedmemory/*", SHARED_MEMORY,
          "/v2/cudasharedmemory/*", SHARED_MEMORY,
          "/v2/trace/setting", TRACE,
          "/v2/models/:model/trace/setting", TRACE,
          "/v2/logging", "log settings are not offered here",
          "/v2/models/:model/generate", "text generation is not offered here; use …/infer",
          "/v2/models/:model/generate_stream", "text generation is not offered here; use …/infer");

  @Override
  public void mount(Router router) {
    PATHS.forEach(
        (path, why) -> router.route(path).handler(context -> Answers.error(context, 501, why)));
  }
}
