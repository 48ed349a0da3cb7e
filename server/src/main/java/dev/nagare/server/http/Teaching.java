package dev.nagare.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.Scope;
import dev.nagare.server.security.Identity;
import dev.nagare.streaming.Caller;
import dev.nagare.streaming.LabelReceipt;
import dev.nagare.streaming.ModelService;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What teaches a model, the same by HTTP and by WebSocket. Answers are JSON, UTF-8. */
public final class Teaching {
  private Teaching() {}

  /** Puts an event into the model's log; answers with what had been predicted for it. */
  public static CompletionStage<byte[]> learn(Serving serving, ModelService model, byte[] event) {
    return model.learn(event).thenApply(answer -> serving.codec().encode(answer));
  }

  /** Puts labels of earlier predictions into the log; answers with their receipts. */
  public static CompletionStage<byte[]> label(ModelService model, byte[] labels, Identity caller) {
    return model
        .label(labels, new Caller(caller.name(), caller.may(Scope.LABEL_ANY)))
        .thenApply(
            receipts -> Json.object(out -> write(out, model.name(), receipts)).getBytes(UTF_8));
  }

  private static void write(JsonGenerator out, String model, List<LabelReceipt> receipts)
      throws IOException {
    out.writeStringField("model_name", model);
    out.writeArrayFieldStart("labels");
    for (LabelReceipt receipt : receipts) {
      out.writeStartObject();
      out.writeStringField("id", receipt.id());
      out.writeStringField("receipt", receipt.receipt());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
