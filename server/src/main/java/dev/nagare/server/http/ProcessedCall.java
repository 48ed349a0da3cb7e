package dev.nagare.server.http;

import dev.nagare.server.processing.Goal;
import dev.nagare.server.processing.Medium;
import dev.nagare.server.processing.Processed;
import dev.nagare.server.processing.Workshop;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.EncodedAnswer;
import dev.nagare.streaming.protocol.InferenceResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A call with a picture or a text, which becomes a request off the event loop. */
final class ProcessedCall extends AskedCall<Processed> {
  private final Workshop workshop;
  private final Goal goal;

  ProcessedCall(Asking asking, RoutingContext context, Workshop workshop, Goal goal) {
    super(asking, context);
    this.workshop = workshop;
    this.goal = goal;
  }

  @Override
  CompletionStage<Processed> ask(ModelService service, RequestBody body) {
    Terms terms = terms(0, 0, AnswerForm.BINARY); // what becomes of it is small
    @Nullable String type = context().request().getHeader(HttpHeaders.CONTENT_TYPE);
    var job =
        new Workshop.Job(
            service, goal, body.length(), () -> read(type, body), terms, serving().codec());
    return workshop.process(job);
  }

  private static Medium read(@Nullable String type, RequestBody body) {
    try (body) { // what it says is copied
      return MediumReader.read(type, body);
    }
  }

  @Override
  InferenceResponse response(Processed answer) {
    return answer.response();
  }

  @Override
  EncodedAnswer encode(Processed answer) {
    return new EncodedAnswer(answer.json(), null);
  }
}
