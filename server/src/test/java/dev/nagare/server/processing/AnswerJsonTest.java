package dev.nagare.server.processing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.protocol.InferenceResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerJsonTest {

  @Test
  void whatACanaryIsTriedWithHasTheIdThatALabelNames() {
    var response =
        new InferenceResponse("m", "2", null, Map.of("prediction_id", "m.canary-0-1"), List.of());
    assertThat(new String(AnswerJson.classes(response, List.of()), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"model_name":"m","model_version":"2","prediction_id":"m.canary-0-1","classes":[]}""");
  }
}
