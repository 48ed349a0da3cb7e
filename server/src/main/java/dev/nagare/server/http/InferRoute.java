package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.observe.Requests;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.EncodedAnswer;
import dev.nagare.streaming.protocol.InferenceCall;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ReservedParameters;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;

/**
 * {@code POST /v2/models/{model}[/versions/{version}]/infer}: a prediction, with tensors as JSON or
 * as bytes after it.
 */
public final class InferRoute implements Route {
  private static final String JSON_LENGTH = "Inference-Header-Content-Length";

  private final AskedCall.Asking asking;

  /** Creates the route. */
  public InferRoute(Serving serving, Requests requests, Bodies bodies) {
    this.asking = new AskedCall.Asking("infer", serving, requests, bodies);
  }

  @Override
  public void mount(Router router) {
    asking.mount(router, context -> new Call(asking, context));
  }

  /** A call in the protocol's own words. */
  private static final class Call extends AskedCall<InferenceResponse> {
    private AnswerForm form = AnswerForm.JSON;

    Call(Asking asking, RoutingContext context) {
      super(asking, context);
    }

    @Override
    CompletionStage<InferenceResponse> ask(ModelService service, RequestBody body) {
      InferenceCall call = decoded(service, body);
      form = call.form();
      identify(call.request().id());
      return service.infer(call.request(), terms(call.request()));
    }

    @Override
    InferenceResponse response(InferenceResponse answer) {
      return answer;
    }

    @Override
    EncodedAnswer encode(InferenceResponse answer) {
      return serving().codec().encode(answer, form);
    }

    private Terms terms(InferenceRequest request) {
      try {
        var reserved = ReservedParameters.of(request.parameters());
        return terms(reserved.timeoutNanos(), reserved.urgency(), form);
      } catch (ProtocolException e) {
        request.close();
        throw e;
      }
    }

    private InferenceCall decoded(ModelService service, RequestBody body) {
      try (body) { // what it says is copied
        return read(service, body);
      } catch (ProtocolException e) {
        throw undecoded(e);
      }
    }

    private InferenceCall read(ModelService service, RequestBody body) {
      String header = context().request().getHeader(JSON_LENGTH);
      if (header == null) {
        return serving().codec().decode(body.bytes(0, body.length()), null);
      }
      int json = jsonLength(header, body.length());
      return json == 0
          ? serving().codec().decodeRaw(service.metadata(), body.after(0))
          : serving().codec().decode(body.bytes(0, json), body.after(json));
    }
  }

  private static int jsonLength(String header, int bodyBytes) {
    long length = header.isEmpty() ? -1 : 0;
    for (int i = 0; i < header.length() && length >= 0 && length <= bodyBytes; i++) {
      int digit = Character.digit(header.charAt(i), 10);
      length = digit < 0 ? -1 : 10 * length + digit;
    }
    if (length < 0 || length > bodyBytes) {
      throw new ProtocolException(
          400,
          JSON_LENGTH
              + ": expected the bytes of the JSON, a whole number from 0 to the body's "
              + bodyBytes
              + ", got '"
              + header
              + "'");
    }
    return (int) length;
  }
}
