package dev.nagare.server.grpc.models;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.server.metrics.Tally;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.protocol.wire.InferStatistics;
import dev.nagare.streaming.protocol.wire.ModelStatistics;
import dev.nagare.streaming.protocol.wire.ModelStatisticsRequest;
import dev.nagare.streaming.protocol.wire.ModelStatisticsResponse;
import dev.nagare.streaming.protocol.wire.StatisticDuration;
import java.util.Collection;
import java.util.List;

/**
 * {@code ModelStatistics}: what one model, or all, did since the process started, by whichever
 * door. Every group is there, since perf_analyzer looks for all of them; copying counts as
 * computing: these are 0.
 *
 * @param serving which models there are
 * @param metrics asked
 */
record ModelStatisticsMethod(Serving serving, Metrics metrics) implements GrpcMethod {
  @Override
  public String name() {
    return "ModelStatistics";
  }

  @Override
  public void begin(Call call) {
    call.one(
        ModelStatisticsRequest.parser(),
        asked -> {
          ModelStatisticsResponse.Builder all = ModelStatisticsResponse.newBuilder();
          for (ModelService model : models(asked)) {
            all.addModelStats(statistics(model));
          }
          call.answer(all.build());
        });
  }

  private Collection<ModelService> models(ModelStatisticsRequest asked) {
    return asked.getName().isEmpty()
        ? serving.models()
        : List.of(serving.model(asked.getName(), Call.named(asked.getVersion())));
  }

  private ModelStatistics statistics(ModelService model) {
    Tally tally = metrics.tally(model.name());
    StatisticDuration none = StatisticDuration.getDefaultInstance();
    return ModelStatistics.newBuilder()
        .setName(model.name())
        .setVersion(Long.toString(model.status().version()))
        .setLastInference(tally.lastMillis())
        .setInferenceCount(tally.rows())
        .setExecutionCount(tally.batches())
        .setInferenceStats(
            InferStatistics.newBuilder()
                .setSuccess(message(tally.succeeded()))
                .setFail(message(tally.failed()))
                .setQueue(message(tally.queued()))
                .setComputeInput(none)
                .setComputeInfer(message(tally.computed()))
                .setComputeOutput(none)
                .setCacheHit(message(tally.known()))
                .setCacheMiss(message(tally.unknown())))
        .build();
  }

  private static StatisticDuration message(Tally.Sum sum) {
    return StatisticDuration.newBuilder().setCount(sum.count()).setNs(sum.nanos()).build();
  }
}
