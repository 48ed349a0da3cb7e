package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code POST /v2/models/{model}[/versions/{version}]/infer}: a prediction. */
public final class InferRoute implements Route {
  private final Serving serving;
  private final Metrics metrics;
  private final int maxBodyBytes;

  /** Creates the route. */
  public InferRoute(Serving serving, Metrics metrics, int maxBodyBytes) {
    this.serving = serving;
    this.metrics = metrics;
    this.maxBodyBytes = maxBodyBytes;
  }

  @Override
  public void mount(Router router) {
    Route.post(router, "/v2/models/:model/infer", this::read);
    Route.post(router, "/v2/models/:model/versions/:version/infer", this::read);
  }

  private void read(RoutingContext context) {
    refuseEncodings(context.request());
    BodyReader.read(
        context.request(),
        maxBodyBytes,
        body -> new Call(context).run(body),
        refusal -> Answers.failure(context, refusal));
  }

  private static void refuseEncodings(HttpServerRequest request) {
    String encoding = request.getHeader("Content-Encoding");
    if (encoding != null && !encoding.toLowerCase(Locale.ROOT).equals("identity")) {
      throw new ProtocolException(
          415, "expected a body without Content-Encoding, got '" + encoding + "'");
    }
    if (request.headers().contains("Inference-Header-Content-Length")) {
      throw new ProtocolException(
          415,
          "expected tensors as JSON, got the binary tensor extension, which GET /v2 does not list;"
              + " tritonclient sends JSON with binary_data=False");
    }
  }

  /** One call, from its last byte to its answer. */
  private final class Call {
    private final RoutingContext context;
    private final Context loop;
    private final String model;
    private final @Nullable String version;
    private final long began = System.nanoTime();

    Call(RoutingContext context) {
      this.context = context;
      this.loop = context.vertx().getOrCreateContext();
      this.model = context.pathParam("model");
      this.version = context.pathParam("version");
    }

    void run(Buffer body) {
      try {
        serving.accept();
      } catch (ProtocolException e) {
        refuse(e);
        return;
      }
      try {
        ModelService service = serving.model(model, version);
        Terms terms = HttpTerms.of(context, began, 0, 0);
        service
            .infer(serving.codec().decode(body.getBytes()), terms)
            .whenComplete(
                (response, thrown) -> loop.runOnContext(ignored -> answer(response, thrown)));
      } catch (RuntimeException e) {
        answer(null, e);
      }
    }

    private void answer(@Nullable InferenceResponse response, @Nullable Throwable thrown) {
      try {
        if (response == null) {
          refuse(thrown);
        } else if (version != null && !version.equals(response.modelVersion())) {
          // Another version was published between the question and its answer.
          refuse(
              new ProtocolException(
                  404, Serving.otherVersion(model, version, response.modelVersion())));
        } else {
          Answers.json(context, 200, Buffer.buffer(serving.codec().encode(response)));
          metrics.answered(model, "http", 200, System.nanoTime() - began);
        }
      } catch (RuntimeException e) {
        refuse(e);
      } finally {
        serving.answered();
      }
    }

    private void refuse(@Nullable Throwable thrown) {
      ProtocolException refusal = Answers.refusal(thrown);
      Answers.failure(context, refusal);
      metrics.answered(model, "http", refusal.status(), System.nanoTime() - began);
    }
  }
}
