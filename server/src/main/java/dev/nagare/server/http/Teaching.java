package dev.nagare.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.config.Scope;
import dev.nagare.server.security.Principal;
import dev.nagare.streaming.Caller;
import dev.nagare.streaming.LabelReceipt;
import dev.nagare.streaming.ModelService;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Labels, the same by HTTP, WebSocket and gRPC. */
public final class Teaching {
  private Teaching() {}

  /**
   * Puts labels of earlier predictions into the log.
   *
   * @param labels as {@link ModelService#label} takes them
   * @param caller who gives them
   */
  public static CompletionStage<List<LabelReceipt>> label(
      ModelService model, byte[] labels, Principal caller) {
    return model.label(labels, new Caller(caller.name(), caller.may(Scope.LABEL_ANY)));
  }

  /** Receipts in JSON, UTF-8. */
  public static byte[] receipts(ModelService model, List<LabelReceipt> receipts) {
    return Json.object(out -> write(out, model.name(), receipts)).getBytes(UTF_8);
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
