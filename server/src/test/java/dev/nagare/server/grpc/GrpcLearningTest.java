package dev.nagare.server.grpc;

import static dev.nagare.server.grpc.StockClient.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.nagare.server.TaughtModel;
import dev.nagare.server.Tokens;
import dev.nagare.server.config.Scope;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.streaming.Caller;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.protocol.wire.LabelsRequest;
import dev.nagare.streaming.protocol.wire.LabelsResponse;
import dev.nagare.streaming.protocol.wire.LearnRequest;
import dev.nagare.streaming.protocol.wire.LearnResponse;
import dev.nagare.streaming.protocol.wire.LineageResponse;
import dev.nagare.streaming.protocol.wire.RecordRange;
import dev.nagare.streaming.protocol.wire.RollbackResponse;
import dev.nagare.streaming.protocol.wire.SnapshotsResponse;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The learning service, called by a stock client. */
class GrpcLearningTest {
  @TempDir private Path folder;
  private final TaughtModel up = new TaughtModel();
  private final GrpcDoors doors = GrpcDoors.open();
  private final Pupil pupil = new Pupil(doors.client, "up");

  GrpcLearningTest() {
    doors.serving.serve(List.of(doors.model, up));
  }

  @AfterEach
  void close() {
    doors.close();
    assertThat(doors.pool.usedBytes()).isZero();
  }

  @Test
  void anEventIsLearnedAndAnsweredWithWhatHadBeenPredicted() {
    LearnResponse learned = pupil.learn(pupil.event("e-3", 1, 0.3f, 1));
    assertThat(up.said())
        .isEqualTo(
            "{\"id\":\"e-3\",\"inputs\":["
                + "{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[0.3,1.0]},"
                + "{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1]}]}");
    assertThat(learned.getModelName()).isEqualTo("up");
    assertThat(learned.getModelVersion()).isEqualTo("1");
    assertThat(learned.getId()).isEqualTo("e-3");
    assertThat(learned.getParametersOrThrow("receipt").getStringParam())
        .isEqualTo("up.requests-0-3");
    assertThat(learned.getParametersOrThrow("learned").getBoolParam()).isTrue();
    assertThat(learned.getOutputs(0).getName()).isEqualTo("probabilities");
    assertThat(learned.getRawOutputContents(0).size()).isEqualTo(8);
  }

  @Test
  void typedContentsAreTheSameEvent() {
    pupil.learn(pupil.event("e-3", 1, 0.3f, 1));
    String raw = up.said();
    pupil.learn(pupil.typed("e-3", 1, 0.3f, 1));
    assertThat(up.said()).isEqualTo(raw);
  }

  @Test
  void labelsHaveReceiptsInTheirOrder() {
    LabelsResponse labelled =
        pupil.labels(
            List.of(
                LabelsRequest.Label.newBuilder().setId("up.predictions-0-0").addLabel(1).build(),
                LabelsRequest.Label.newBuilder()
                    .setId("up.predictions-0-1")
                    .addLabel(0)
                    .addLabel(1)
                    .build()));
    assertThat(up.said())
        .isEqualTo(
            "{\"labels\":[{\"id\":\"up.predictions-0-0\",\"label\":[1]},"
                + "{\"id\":\"up.predictions-0-1\",\"label\":[0,1]}]}");
    assertThat(labelled.getModelName()).isEqualTo("up");
    assertThat(labelled.getLabels(0).getReceipt()).isEqualTo("up.labels-0-0");
    assertThat(labelled.getLabels(1).getId()).isEqualTo("up.predictions-0-1");
  }

  @Test
  void snapshotsAreTheVersionsThatCanBeGoneBackTo() {
    SnapshotsResponse snapshots = pupil.snapshots();
    assertThat(snapshots.getVersion()).isEqualTo("7");
    SnapshotsResponse.Snapshot snapshot = snapshots.getSnapshots(0);
    assertThat(snapshot.getVersion()).isEqualTo("5");
    assertThat(snapshot.getTrainedThrough()).isEqualTo("pulse.requests-0:38");
    assertThat(snapshot.getExamples()).isEqualTo(35);
    assertThat(snapshot.getStateHash()).isEqualTo("ef56");
    assertThat(snapshot.getWrittenAt()).isEqualTo("2026-11-25T10:00:00Z");
  }

  @Test
  void aRollbackSaysWhichVersionAnswersNow() {
    RollbackResponse back = pupil.rollBack("5");
    assertThat(up.said()).isEqualTo("{\"version\":\"5\"}");
    assertThat(back)
        .isEqualTo(
            RollbackResponse.newBuilder()
                .setModelName("up")
                .setReceipt("up.requests-0-4")
                .setVersion("8")
                .setRolledBackTo("5")
                .build());
  }

  @Test
  void theLineageSaysWhichRecordsMadeAVersion() {
    LineageResponse lineage = pupil.lineage();
    assertThat(lineage.getVersion()).isEqualTo("7");
    assertThat(lineage.getRecords())
        .isEqualTo(
            RecordRange.newBuilder()
                .setTopic("pulse.requests")
                .setFirstOffset(3)
                .setNextOffset(40)
                .setExamples(37)
                .setRefused(2)
                .setQuarantined(1)
                .build());
    LineageResponse.Checkpoint checkpoint = lineage.getCheckpoints(0);
    assertThat(checkpoint.getName()).isEqualTo("pulse-5-17-3");
    assertThat(checkpoint.getStep()).isEqualTo(5);
    assertThat(checkpoint.getSha256()).isEqualTo("ab12");
    assertThat(checkpoint.getBytes()).isEqualTo(1234);
    assertThat(checkpoint.getChunks()).isEqualTo(1);
    assertThat(checkpoint.getChunkOffset()).isEqualTo(55);
    assertThat(checkpoint.getRecords().getNextOffset()).isEqualTo(38);
    assertThat(checkpoint.getRecordsDigest()).isEqualTo("cd34");
    assertThat(checkpoint.getConfiguration()).isEqualTo("0a0b");
    assertThat(checkpoint.getKernelId()).isEqualTo("test kernels");
  }

  static Stream<Consumer<Pupil>> everyCall() {
    return Stream.of(
        pupil -> pupil.learn(pupil.event("e", 1, 1, 2)),
        pupil -> pupil.label("x", 1),
        Pupil::snapshots,
        pupil -> pupil.rollBack("5"),
        Pupil::lineage);
  }

  @ParameterizedTest
  @MethodSource("everyCall")
  void everyCallOfAModelThatIsNotHereIsNotFound(Consumer<Pupil> call) {
    var none = new Pupil(doors.client, "down");
    assertRefused(
        () -> call.accept(none),
        Code.NOT_FOUND,
        "model 'down' is not served here; served: pulse, up");
  }

  static Stream<Consumer<Pupil>> everyCallThatTeaches() {
    return Stream.of(
        pupil -> pupil.learn(pupil.event("e", 1, 1, 2)),
        pupil -> pupil.label("x", 1),
        pupil -> pupil.rollBack("5"));
  }

  @ParameterizedTest
  @MethodSource("everyCallThatTeaches")
  void aModelOfAFileIsNotTaught(Consumer<Pupil> call) {
    var loaded = new Pupil(doors.client, "pulse");
    assertRefused(
        () -> call.accept(loaded),
        Code.UNIMPLEMENTED,
        "model 'pulse' was loaded from a file and does not learn");
  }

  @ParameterizedTest
  @CsvSource({
    "400, INVALID_ARGUMENT",
    "403, PERMISSION_DENIED",
    "404, NOT_FOUND",
    "409, ALREADY_EXISTS",
    "413, RESOURCE_EXHAUSTED",
    "429, RESOURCE_EXHAUSTED",
    "501, UNIMPLEMENTED",
    "503, UNAVAILABLE"
  })
  void refusalsOfAModelArePassedOnInGrpcsWords(int status, Code code) {
    up.refuse(status, "expected something else");
    everyCallThatTeaches()
        .forEach(call -> assertRefused(() -> call.accept(pupil), code, "expected something else"));
  }

  @Test
  void anEventWhoseTensorIsNoneIsRefusedAndNotLearned() {
    LearnRequest good = pupil.event("e", 1, 1, 2);
    LearnRequest shorter =
        good.toBuilder().setRawInputContents(0, ByteString.copyFrom(new byte[7])).build();
    assertRefused(
        () -> pupil.learn(shorter),
        Code.INVALID_ARGUMENT,
        "input row: unexpected size: FP32 [1, 2] takes 8 bytes, its raw_input_contents has 7");
    assertRefused(
        () -> pupil.learn(pupil.event("e", 1, 1, Float.NaN)),
        Code.INVALID_ARGUMENT,
        "input row: expected a finite number, got NaN at 1");
    assertRefused(
        () -> pupil.learn(good.toBuilder().clearInputs().clearRawInputContents().build()),
        Code.INVALID_ARGUMENT,
        "inputs: expected at least one, got none");
    assertThat(up.said()).isEmpty();
  }

  @Test
  void whatIsNoMessageIsRefused() throws Exception {
    for (String method : List.of("Learn", "Labels", "Snapshots", "Rollback", "Lineage")) {
      var answer =
          doors.raw.sendTo(
              "/" + ServiceNames.LEARNING + "/" + method,
              RawClient.frame(0, new byte[] {(byte) 0xff, 1}));
      assertThat(answer.status()).as(method).isEqualTo("3");
      assertThat(answer.message()).as(method).startsWith("not%20a");
    }
  }

  @Test
  void aMessageOverTheLimitIsRefusedAndTheDoorGoesOn() {
    float[] wide = new float[GrpcDoors.MAX_MESSAGE_BYTES / Float.BYTES];
    assertRefused(
        () -> pupil.learn(pupil.event("e", 1, wide)),
        Code.RESOURCE_EXHAUSTED,
        "expected a message of at most 4096 bytes (server.max-body-bytes)");
    assertThat(pupil.learn(pupil.event("e", 1, 1, 2)).getModelVersion()).isEqualTo("1");
    await().until(() -> doors.budget.taken() == 0);
  }

  @Test
  void aCallerWhoseDeadlinePassesIsToldAndWhatItGaveIsLearnedAllTheSame() throws Exception {
    CompletableFuture<Void> learner = up.hold();
    var answer =
        doors.raw.sendTo(
            "/" + ServiceNames.LEARNING + "/Learn",
            RawClient.frame(0, pupil.event("e", 1, 1, 2).toByteArray()),
            "grpc-timeout",
            "50m");
    assertThat(answer.status()).isEqualTo("4");
    CompletableFuture<?> drained = doors.serving.drain().toCompletableFuture();
    assertThat(drained).isNotDone();
    learner.complete(null);
    await().until(drained::isDone);
  }

  @Test
  void aDrainWaitsForWhatIsBeingLearnedAndLetsNothingNewIn() throws Exception {
    CompletableFuture<Void> learner = up.hold();
    var answer = CompletableFuture.supplyAsync(() -> pupil.learn(pupil.event("e", 1, 1, 2)));
    await().until(() -> !up.said().isEmpty());
    CompletableFuture<?> drained = doors.serving.drain().toCompletableFuture();
    everyCallThatTeaches()
        .forEach(
            call ->
                assertRefused(
                    () -> call.accept(pupil), Code.UNAVAILABLE, "the server is stopping"));
    assertThat(drained).isNotDone();
    learner.complete(null);
    assertThat(answer.get().getModelVersion()).isEqualTo("1");
    await().until(drained::isDone);
  }

  @Test
  void eachCallNeedsItsScopeAndLabelsCarryTheirGiver() throws Exception {
    Path tokens =
        Tokens.write(folder, "asker infer", "ann learn", "teacher learn,label:any", "chief manage");
    var security = new SecurityConfig(null, tokens, null, Set.<Scope>of(), null);
    try (var guarded = new GrpcDoors(Set.of(), security)) {
      guarded.serving.open(List.of(guarded.model, up), new ProtocolJson(guarded.pool));
      var nobody = new Pupil(guarded.client, "up");
      everyCall()
          .forEach(
              call ->
                  assertRefused(
                      () -> call.accept(nobody), Code.UNAUTHENTICATED, "expected a token"));
      Pupil asker = nobody.with("secret-of-asker");
      assertRefused(
          () -> asker.learn(asker.event("e", 1, 1, 2)),
          Code.PERMISSION_DENIED,
          "expected a token with scope learn, that of asker lacks it");
      assertRefused(
          () -> asker.label("x", 1),
          Code.PERMISSION_DENIED,
          "expected a token with scope learn, that of asker lacks it");
      assertThat(asker.snapshots().getVersion()).isEqualTo("7");
      assertThat(asker.lineage().getVersion()).isEqualTo("7");
      Pupil ann = nobody.with("secret-of-ann");
      assertRefused(
          () -> ann.rollBack("5"),
          Code.PERMISSION_DENIED,
          "expected a token with scope manage, that of ann lacks it");
      ann.learn(ann.event("e", 1, 1, 2));
      ann.label("x", 1);
      assertThat(up.caller()).isEqualTo(new Caller("ann", false));
      nobody.with("secret-of-teacher").label("x", 1);
      assertThat(up.caller()).isEqualTo(new Caller("teacher", true));
      assertThat(nobody.with("secret-of-chief").rollBack("5").getVersion()).isEqualTo("8");
    }
  }
}
