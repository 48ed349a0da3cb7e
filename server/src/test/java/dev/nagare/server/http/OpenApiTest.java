package dev.nagare.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.nagare.server.Doors;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenApiTest {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private final Doors doors = Doors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void describesEveryPathOfTheDoorAndNoOther() throws Exception {
    JsonNode document = YAML.readTree(doors.get("/openapi.yaml").body());
    var described = new TreeSet<String>();
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        described.add(
            operation.getKey().toUpperCase(Locale.ROOT)
                + " "
                + path.getKey().replaceAll("\\{(\\w+)}", ":$1"));
      }
    }
    assertThat(described).isEqualTo(mounted());
  }

  private Set<String> mounted() {
    Vertx vertx = Vertx.vertx();
    try {
      Router router = Router.router(vertx);
      doors.routes.forEach(route -> route.mount(router));
      var paths = new TreeSet<String>();
      for (io.vertx.ext.web.Route route : router.getRoutes()) {
        String path = route.getPath();
        if (path != null
            && route.methods() != null
            && path.startsWith("/v2")
            && !path.equals("/v2/stream")) {
          route.methods().stream()
              .filter(method -> !method.equals(HttpMethod.HEAD))
              .forEach(method -> paths.add(method + " " + path));
        }
      }
      return paths;
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  @Test
  void everyReferenceOfTheDocumentLeadsSomewhere() throws Exception {
    JsonNode document = YAML.readTree(doors.get("/openapi.yaml").body());
    for (String reference : document.findValuesAsText("$ref")) {
      assertThat(document.at(reference.substring(1))).as(reference).isNotEmpty();
    }
    assertThat(document.findValuesAsText("operationId")).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api", "/api.js", "/swagger-ui.js", "/swagger-ui.css"})
  void thePageThatTriesItIsServedWithAStrictPolicy(String path) throws Exception {
    var answer = doors.get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'")
        .doesNotContain("unsafe");
  }
}
