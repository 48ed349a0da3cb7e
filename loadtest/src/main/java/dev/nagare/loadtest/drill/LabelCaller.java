package dev.nagare.loadtest.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A caller that asks, and tells later what was right: once, twice, of predictions that never were,
 * and with labels that are none. It sends each request once and remembers what was acknowledged.
 */
final class LabelCaller implements AutoCloseable {
  private static final long PAUSE_NANOS = 2_000_000;
  private static final long AWAY_NANOS = 50_000_000;

  private final LabelledServer server;
  private final Random random;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Thread thread;
  private final Map<String, String> answered = new LinkedHashMap<>();
  private final List<String> receipts = new ArrayList<>();
  private int asked;
  private int told;
  private volatile int progress;
  private volatile boolean stopping;
  private volatile @Nullable Exception failure;

  private LabelCaller(LabelledServer server, String bootstrap, long seed) {
    this.server = server;
    this.random = new Random(seed);
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "acks", "all", "linger.ms", 0),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.thread = Thread.ofPlatform().name("drill-caller").unstarted(this::run);
  }

  /** Begins to call. */
  static LabelCaller start(LabelledServer server, String bootstrap, long seed) {
    var caller = new LabelCaller(server, bootstrap, seed);
    caller.thread.start();
    return caller;
  }

  private void run() {
    try {
      while (!stopping) {
        ask();
        tell();
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | RuntimeException e) { // the drill's thread asks
      failure = e;
    }
  }

  private void ask() throws InterruptedException {
    String id = "r-" + asked++;
    var values = new StringBuilder();
    for (int t = 0; t < LabelledServer.WINDOW; t++) {
      values.append(t == 0 ? "" : ",").append(random.nextFloat()).append(',');
      values.append(random.nextFloat()).append(",-1");
    }
    String question =
        "{\"id\":\"%s\",\"inputs\":[{\"name\":\"window\",\"shape\":[1,%d,%d],\"datatype\":\"FP32\",\"data\":[%s]}]}"
            .formatted(id, LabelledServer.WINDOW, LabelledServer.FEATURES + 1, values);
    try {
      LabelledServer.Answer answer = server.post("infer", question);
      if (answer.status() == 200) {
        answered.put(id, answer.body().path("parameters").path("prediction_id").asText());
        progress = answered.size();
      }
    } catch (IOException e) {
      LockSupport.parkNanos(this, AWAY_NANOS); // it is dead, or starting
    }
  }

  private void tell() throws InterruptedException, ExecutionException {
    List<String> ids = List.copyOf(answered.values());
    if (ids.isEmpty()) {
      return;
    }
    int kind = random.nextInt(10);
    int label = random.nextInt(2);
    if (kind == 0) {
      String value =
          random.nextBoolean() ? "no label" : "{\"id\":\"" + ids.getLast() + "\",\"label\":9}";
      producer
          .send(new ProducerRecord<>(LabelledServer.MODEL + ".labels", value.getBytes(UTF_8)))
          .get();
      return;
    }
    String id =
        switch (kind) {
          case 1 -> LabelledServer.MODEL + ".predictions-0-" + (1_000_000 + told);
          case 2, 3 -> ids.get(random.nextInt(ids.size()));
          default -> ids.get(Math.min(told++, ids.size() - 1));
        };
    try {
      LabelledServer.Answer answer =
          server.post("labels", "{\"id\":\"" + id + "\",\"label\":" + label + "}");
      if (answer.status() == 200) {
        receipts.add(answer.body().path("labels").path(0).path("receipt").asText());
      }
    } catch (IOException e) {
      LockSupport.parkNanos(this, AWAY_NANOS); // it is dead, or starting
    }
  }

  /** Answers so far. */
  int progress() {
    return progress;
  }

  /**
   * Ends; what was asked and told can be looked at then.
   *
   * @throws DrillException if it could not go on
   */
  void finish() throws InterruptedException, DrillException {
    stopping = true;
    if (!thread.join(Duration.ofSeconds(30))) {
      throw new DrillException("a call was not answered in 30 s");
    }
    Exception problem = failure;
    if (problem != null) {
      throw new DrillException("the caller could not go on: " + problem);
    }
  }

  /** Requests that were sent. */
  int asked() {
    return asked;
  }

  /** Prediction ids by the ids of requests that were answered. */
  Map<String, String> answered() {
    return answered;
  }

  /** Receipts of labels that were acknowledged. */
  List<String> receipts() {
    return receipts;
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    producer.close(Duration.ofSeconds(1));
  }
}
