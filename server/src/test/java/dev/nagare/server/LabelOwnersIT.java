package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose label counts, by HTTP against a real broker: two principals, and one who may label any. */
class LabelOwnersIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUESTION =
      "{\"inputs\":[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[1,3,3],"
          + "\"data\":[0.1,7,-1, 0.2,6,-1, 0.4,5,-1]}]}";

  @TempDir Path folder;
  private @Nullable LearningServer server;

  @Test
  void aLabelCountsFromWhoAskedForThePredictionOrMayLabelAny() throws Exception {
    try (LearningServer started =
        LearningServer.start(
            folder,
            "ann infer,learn",
            "bob infer,learn",
            "asker infer",
            "teacher learn,label:any")) {
      server = started;
      String ofAnn = ask("ann");
      String ofBob = ask("bob");
      label("ann", ofBob, 200);
      started.awaitLabels("nagare_invalid_labels_total{model=\"late\",reason=\"owner\"} 1.0");
      label("bob", ofBob, 200);
      started.awaitLabels("nagare_labels_total{fate=\"joined\",model=\"late\"} 1.0");
      label("teacher", ofAnn, 200);
      started.awaitLabels("nagare_labels_total{fate=\"joined\",model=\"late\"} 2.0");
      started.awaitLabels("nagare_labels_total{fate=\"invalid\",model=\"late\"} 1.0");
      label("asker", ofAnn, 403); // the scope that gives labels at all
    }
  }

  private String ask(String who) throws Exception {
    return post(who, "infer", QUESTION, 200).get("parameters").get("prediction_id").asText();
  }

  private void label(String who, String id, int status) throws Exception {
    var _ = post(who, "labels", "{\"id\":\"" + id + "\",\"label\":1}", status);
  }

  private JsonNode post(String who, String path, String body, int status) throws Exception {
    HttpResponse<String> answer =
        server()
            .http
            .send(
                HttpRequest.newBuilder(server().model("late", path))
                    .header("Authorization", "Bearer " + Tokens.of(who))
                    .POST(BodyPublishers.ofString(body))
                    .build(),
                BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  private LearningServer server() {
    return Objects.requireNonNull(server);
  }
}
