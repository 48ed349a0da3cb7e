package dev.nagare.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.Doors;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessedCallTest {
  private final Doors doors = Doors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void aModelThatLearnsFromRowsSaysSo() throws Exception {
    HttpResponse<String> answer = doors.post("/v2/models/pulse/embed", "{\"text\": \"a\"}");
    assertThat(answer.statusCode()).isEqualTo(501);
    assertThat(answer.body())
        .contains("model 'pulse' learns from rows and takes neither pictures nor texts");
  }

  @Test
  void whatIsSentIsReadOnlyForAModelThatIsThere() throws Exception {
    HttpResponse<String> answer = doors.post("/v2/models/none/classify", "\u0000");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(doors.get("/v2/models/pulse/classify").statusCode()).isEqualTo(405);
  }

  @Test
  void aBodyBeyondTheLimitIsRefused() throws Exception {
    byte[] body = new byte[Doors.MAX_BODY_BYTES + 1];
    assertThat(doors.post("/v2/models/pulse/classify", body).statusCode()).isEqualTo(413);
  }
}
