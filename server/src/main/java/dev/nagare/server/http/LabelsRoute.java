package dev.nagare.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.LabelReceipt;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.util.List;

/**
 * {@code POST /v2/models/{model}/labels}: puts labels of earlier predictions into the log, {@code
 * {"id": …, "label": …}} or a list of those in {@code labels}, and answers with their receipts.
 */
public final class LabelsRoute implements Route {
  private final PostedCall call;

  /** Creates the route. */
  public LabelsRoute(Serving serving, int maxBodyBytes) {
    this.call =
        new PostedCall(
            serving,
            maxBodyBytes,
            (model, labels) ->
                model.label(labels).thenApply(receipts -> json(model.name(), receipts)));
  }

  @Override
  public void mount(Router router) {
    call.mount(router, "/v2/models/:model/labels");
  }

  private static byte[] json(String model, List<LabelReceipt> receipts) {
    return Json.object(out -> write(out, model, receipts)).getBytes(UTF_8);
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
