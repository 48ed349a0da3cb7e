package dev.nagare.streaming.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.streaming.Delivery;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.rehearsal.CrashPoint;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What readers of committed records see of a learner that dies while it writes. */
class DeliveryIT extends WithBroker {
  private static final int ROWS = 40;

  @Test
  void atLeastOnceAPredictionMayComeAgainAndNoneIsLost() throws Exception {
    Map<String, List<JsonNode>> byId = dieAndGoOn("repeated", Delivery.AT_LEAST_ONCE);
    assertThat(byId.keySet()).containsExactlyElementsOf(ids("repeated"));
    List<JsonNode> first = byId.values().iterator().next();
    assertThat(first).hasSize(2);
    // The rows since the checkpoint were learned again, to the same bits.
    assertThat(byId.values()).allSatisfy(same -> assertThat(same).containsOnly(same.getFirst()));
  }

  @Test
  void exactlyOnceEachPredictionIsThereOnce() throws Exception {
    Map<String, List<JsonNode>> byId = dieAndGoOn("single", Delivery.EXACTLY_ONCE);
    assertThat(byId.keySet()).containsExactlyElementsOf(ids("single"));
    assertThat(byId.values()).allSatisfy(same -> assertThat(same).hasSize(1));
  }

  @ParameterizedTest
  @EnumSource
  void anOrderlyStopLeavesNothingToWriteAgain(Delivery delivery) throws Exception {
    String name = "orderly-" + delivery.name().toLowerCase(Locale.ROOT);
    for (int to : new int[] {ROWS / 2, ROWS}) {
      try (Streaming streaming = start(config(data, as(delivery), name), Rehearsal.NONE)) {
        awaitConnected(streaming.model(name).orElseThrow());
        send(name, to - ROWS / 2, to);
        await().atMost(LONG).until(() -> offset(streaming, name) == to);
      }
    }
    assertThat(predictions(name).stream().map(DeliveryIT::id)).isEqualTo(ids(name));
  }

  /** The first outputs are on their way to a commit when the learner dies. */
  private Map<String, List<JsonNode>> dieAndGoOn(String name, Delivery delivery) throws Exception {
    var dies = new AtomicBoolean();
    try (Streaming streaming = start(config(data, as(delivery), name), diesBeforeCommit(dies))) {
      ModelService model = streaming.model(name).orElseThrow();
      awaitConnected(model);
      await().atMost(LONG).until(() -> model.status().checkpointStep() == 0);
      dies.set(true);
      send(name, 0, ROWS);
      await()
          .atMost(LONG)
          .until(() -> String.valueOf(model.status().degraded()).contains("died as planned"));
    }
    try (Streaming streaming = start(config(data, as(delivery), name), Rehearsal.NONE)) {
      await().atMost(LONG).until(() -> offset(streaming, name) == ROWS);
    }
    assertThat(newest(name).get("step").asLong()).isEqualTo(ROWS - WINDOW);
    Map<String, List<JsonNode>> byId = new LinkedHashMap<>();
    for (JsonNode prediction : predictions(name)) {
      byId.merge(
          id(prediction),
          List.of(prediction),
          (one, other) -> Stream.concat(one.stream(), other.stream()).toList());
    }
    return byId;
  }

  private static Rehearsal diesBeforeCommit(AtomicBoolean armed) {
    return new Rehearsal() {
      @Override
      public void reached(CrashPoint point) {
        if (point == CrashPoint.BEFORE_OUTPUT_COMMIT && armed.get()) {
          throw new IllegalStateException("died as planned at " + point);
        }
      }
    };
  }

  private static StreamingConfig.Kafka as(Delivery delivery) {
    return new StreamingConfig.Kafka(
        new HashMap<>(Map.of("bootstrap.servers", broker.bootstrapServers())),
        StreamingConfig.Topics.CREATE,
        Role.ALL,
        "one",
        delivery);
  }

  private static String id(JsonNode prediction) {
    return prediction.get("id").asText();
  }

  private static List<String> ids(String name) {
    return IntStream.range(0, ROWS).mapToObj(i -> name + ".requests-0-" + i).toList();
  }
}
