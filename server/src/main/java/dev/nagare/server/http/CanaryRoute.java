package dev.nagare.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.models.repository.CanaryShare;
import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.CanaryReport;
import dev.nagare.streaming.ModelControl;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Context;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v2/repository/models/{model}/canary}: lets a version answer a part of the requests
 * that name none, {@code {"version": 3, "share": 0.1}}, or, with {@code "shadow": true}, copies of
 * them; {@code …/canary/promote} lets it answer all of them, {@code …/canary/abandon} none. {@code
 * GET /v2/models/{model}/canary}: how it does. Each answers with what both versions did so far.
 */
public final class CanaryRoute implements Route {
  private static final String VERSION = "[1-9][0-9]{0,17}";

  private final Serving serving;
  private final Bodies bodies;

  /** Creates the route. */
  public CanaryRoute(Serving serving, Bodies bodies) {
    this.serving = serving;
    this.bodies = bodies;
  }

  /** What is asked. */
  private interface Work {
    CompletionStage<CanaryReport> of(ModelControl control, String model, JsonNode body);
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/models/:model/canary", this::report);
    String canary = "/v2/repository/models/:model/canary";
    Route.post(
        router,
        canary,
        context -> read(context, (control, model, body) -> control.tryCanary(model, share(body))));
    Route.post(
        router,
        canary + "/promote",
        context -> read(context, (control, model, body) -> control.promoteCanary(model)));
    Route.post(
        router,
        canary + "/abandon",
        context -> read(context, (control, model, body) -> control.abandonCanary(model)));
  }

  private void report(RoutingContext context) {
    Answers.json(context, 200, json(serving.control().canary(context.pathParam("model"))));
  }

  private void read(RoutingContext context, Work work) {
    ModelControl control = serving.control();
    Context loop = context.vertx().getOrCreateContext();
    bodies.read(
        context,
        body -> {
          try {
            work.of(control, context.pathParam("model"), Json.read(body))
                .whenComplete(
                    (report, thrown) ->
                        loop.runOnContext(ignored -> answer(context, report, thrown)));
          } catch (RuntimeException e) {
            Answers.failure(context, e);
          }
        },
        refusal -> Answers.failure(context, refusal));
  }

  private static void answer(
      RoutingContext context, @Nullable CanaryReport report, @Nullable Throwable thrown) {
    if (report == null) {
      Answers.failure(context, thrown);
    } else {
      Answers.json(context, 200, json(report));
    }
  }

  private static CanaryShare share(JsonNode body) {
    String version = body.path("version").asText();
    double share = body.path("share").isNumber() ? body.path("share").doubleValue() : Double.NaN;
    if (!version.matches(VERSION)) {
      throw new ProtocolException(
          400, "version: expected a whole number such as 3, got " + shown(body, "version"));
    }
    if (!(share > 0 && share <= 1)) {
      throw new ProtocolException(
          400,
          "share: expected a number above 0, at most 1, such as 0.1, got " + shown(body, "share"));
    }
    if (!body.path("shadow").isBoolean() && !body.path("shadow").isMissingNode()) {
      throw new ProtocolException(
          400, "shadow: expected true or false, got " + shown(body, "shadow"));
    }
    return new CanaryShare(Long.parseLong(version), share, body.path("shadow").booleanValue());
  }

  private static String shown(JsonNode body, String member) {
    JsonNode got = body.path(member);
    String text = got.isMissingNode() ? "none" : got.toString();
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private static String json(CanaryReport report) {
    return Json.object(
        out -> {
          out.writeStringField("model_name", report.model());
          out.writeNumberField("share", report.share());
          out.writeStringField("since", report.since().truncatedTo(ChronoUnit.SECONDS).toString());
          side(out, "stable", report.stable(), null);
          CanaryReport.Comparison comparison = report.comparison();
          side(out, comparison == null ? "canary" : "shadow", report.canary(), comparison);
        });
  }

  private static void side(
      JsonGenerator out,
      String name,
      CanaryReport.Side side,
      CanaryReport.@Nullable Comparison comparison)
      throws IOException {
    out.writeObjectFieldStart(name);
    out.writeStringField("version", side.version());
    out.writeNumberField("requests", side.requests());
    out.writeNumberField("failures", side.failures());
    out.writeNumberField("mean_seconds", side.meanSeconds());
    out.writeNumberField("labels", side.labels());
    out.writeNumberField("right", side.right());
    if (side.labels() > 0) {
      out.writeNumberField("accuracy", (double) side.right() / side.labels());
    }
    if (comparison != null) {
      compared(out, comparison);
    }
    out.writeEndObject();
  }

  private static void compared(JsonGenerator out, CanaryReport.Comparison comparison)
      throws IOException {
    out.writeNumberField("dropped", comparison.dropped());
    out.writeNumberField("compared", comparison.compared());
    out.writeNumberField("unlike", comparison.unlike());
    out.writeFieldName("largest_difference");
    if (Double.isFinite(comparison.largestDifference())) {
      out.writeNumber(comparison.largestDifference());
    } else {
      out.writeNull(); // JSON has no infinity
    }
    out.writeNumberField("rows", comparison.rows());
    out.writeNumberField("agreeing", comparison.agreeing());
    if (comparison.rows() > 0) {
      out.writeNumberField("agreement", (double) comparison.agreeing() / comparison.rows());
    }
  }
}
