package dev.nagare.server.http;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceCall;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ReservedParameters;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v2/models/{model}[/versions/{version}]/infer}: a prediction, with tensors as JSON or
 * as bytes after it.
 */
public final class InferRoute implements Route {
  private static final String JSON_LENGTH = "Inference-Header-Content-Length";

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
    Compression coding = Compression.of(context.request().getHeader("Content-Encoding"));
    BodyReader.read(
        context.request(),
        maxBodyBytes,
        body -> new Call(context).accept(body, coding),
        refusal -> Answers.failure(context, refusal));
  }

  /** One call, from its last byte to its answer. */
  private final class Call {
    private final RoutingContext context;
    private final Context loop;
    private final String model;
    private final @Nullable String version;
    private final long began = System.nanoTime();
    private AnswerForm form = AnswerForm.JSON;

    Call(RoutingContext context) {
      this.context = context;
      this.loop = context.vertx().getOrCreateContext();
      this.model = context.pathParam("model");
      this.version = context.pathParam("version");
    }

    void accept(RequestBody body, @Nullable Compression coding) {
      try {
        serving.accept();
      } catch (ProtocolException e) {
        refuse(e);
        return;
      }
      if (coding == null) {
        run(body);
        return;
      }
      // A small body may be a large one once it is decompressed: not on the event loop.
      context
          .vertx()
          .executeBlocking(() -> coding.expand(body.pieces(), maxBodyBytes), false)
          .onSuccess(
              plain -> {
                var expanded = new RequestBody();
                expanded.add(Buffer.buffer(plain));
                run(expanded);
              })
          .onFailure(thrown -> answer(null, thrown));
    }

    private void run(RequestBody body) {
      try {
        ModelService service = serving.model(model, version);
        InferenceCall call = decoded(service, body);
        form = call.form();
        service
            .infer(call.request(), terms(call.request()))
            .whenComplete(
                (response, thrown) -> loop.runOnContext(ignored -> answer(response, thrown)));
      } catch (RuntimeException e) {
        answer(null, e);
      }
    }

    private Terms terms(InferenceRequest request) {
      try {
        var reserved = ReservedParameters.of(request.parameters());
        return HttpTerms.of(
            context,
            began,
            TimeUnit.MICROSECONDS.toNanos(reserved.timeoutMicros()),
            (int) Math.min(reserved.priority(), Integer.MAX_VALUE));
      } catch (ProtocolException e) {
        request.close();
        throw e;
      }
    }

    private InferenceCall decoded(ModelService service, RequestBody body) {
      try {
        return read(service, body);
      } catch (ProtocolException e) {
        metrics.undecoded(model, e);
        throw e;
      }
    }

    private InferenceCall read(ModelService service, RequestBody body) {
      String header = context.request().getHeader(JSON_LENGTH);
      if (header == null) {
        return serving.codec().decode(body.head(body.length()), null);
      }
      int json = jsonLength(header, body.length());
      return json == 0
          ? serving.codec().decodeRaw(service.metadata(), body.after(0))
          : serving.codec().decode(body.head(json), body.after(json));
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
          InferAnswer.send(context, serving.codec().encode(response, form))
              .onComplete(ignored -> serving.answered());
          metrics.answered(model, "http", 200, System.nanoTime() - began);
          return;
        }
      } catch (RuntimeException e) {
        refuse(e);
      }
      serving.answered();
    }

    private void refuse(@Nullable Throwable thrown) {
      ProtocolException refusal = Answers.refusal(thrown);
      Answers.failure(context, refusal);
      metrics.answered(model, "http", refusal.status(), System.nanoTime() - began);
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
