package dev.nagare.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.Doors;
import dev.nagare.server.config.Scope;
import dev.nagare.server.config.SecurityConfig;
import java.net.http.HttpResponse;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A door where a caller without a token may nothing. */
class GuardedDoorTest {
  private final Doors doors =
      new Doors(
          Set.of(), Set.of(), 0, new SecurityConfig(null, null, null, Set.of(), "first-visit"));

  GuardedDoorTest() {
    doors.openModels();
  }

  @AfterEach
  void close() {
    doors.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/health/live", "/v2/health/ready", "/", "/console.js", "/metrics"})
  void probesScrapersAndThePageNeedNoToken(String path) throws Exception {
    assertThat(doors.get(path).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2",
        "/v2/models/pulse",
        "/v2/models/pulse/versions/7",
        "/v2/models/p%75lse/lineage",
        "/v2/stream"
      })
  void whatTellsSomethingNeedsOne(String path) throws Exception {
    HttpResponse<String> answer = doors.get(path);
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"nagare\"");
    assertThat(answer.body()).contains("expected a token with scope infer");
  }

  @Test
  void aQuestionWithoutATokenIsNotAsked() throws Exception {
    assertThat(doors.post("/v2/models/pulse/infer", "{}").statusCode()).isEqualTo(401);
    assertThat(doors.post("/v2/models/pulse/infer", "{}", "Authorization", "Bearer x").statusCode())
        .isEqualTo(401);
    assertThat(doors.model.inferred()).isZero();
  }

  @Test
  void theConsolesAddressOpensItOnceAndTheCookieIsNobodyElses() throws Exception {
    HttpResponse<String> first = doors.get("/?token=first-visit");
    assertThat(first.statusCode()).isEqualTo(303);
    assertThat(first.headers().firstValue("Location")).hasValue("/");
    String cookie = first.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(cookie)
        .containsIgnoringCase("HttpOnly")
        .contains("SameSite=Strict")
        .contains("Path=/");
    String session = cookie.substring(0, cookie.indexOf(';'));
    assertThat(doors.get("/v2/models/pulse", "Cookie", session).statusCode()).isEqualTo(200);
    assertThat(doors.get("/v2/models/pulse", "Cookie", "nagare-console=x").statusCode())
        .isEqualTo(401);
    HttpResponse<String> second = doors.get("/?token=first-visit");
    assertThat(second.statusCode()).isEqualTo(401);
    assertThat(second.body()).contains("it works once");
  }

  @ParameterizedTest
  @CsvSource({
    "true, /v2/models/:model/stats, INFER",
    "false, /v2/models/:model/versions/:version/infer, INFER",
    "false, /v2/models/:model/classify, INFER",
    "false, /v2/models/:model/versions/:version/embed, INFER",
    "false, /v2/repository/index, INFER",
    "false, /v2/models/:model/learn, LEARN",
    "false, /v2/models/:model/labels, LEARN",
    "false, /v2/models/:model/rollback, MANAGE",
    "false, /v2/repository/models/:model/load, MANAGE",
    "true, /v2/models/:model/canary, INFER",
    "false, /v2/repository/models/:model/canary, MANAGE",
    "false, /v2/repository/models/:model/canary/promote, MANAGE",
    "false, /v2/repository/models/:model/canary/abandon, MANAGE",
    "false, /somethingNew, MANAGE"
  })
  void whatIsNotNamedNeedsTheMost(boolean reads, String pattern, Scope scope) {
    assertThat(PathScopes.of(reads, pattern)).isEqualTo(scope);
  }
}
