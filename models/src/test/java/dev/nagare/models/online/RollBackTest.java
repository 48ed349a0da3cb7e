package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class RollBackTest {
  private final Compute compute = Compute.best(new MemoryPool("snapshots", 1 << 26));
  private final OnlineConfig config =
      OnlineConfig.classifier(LabelSignal.FEATURES, 2)
          .withNetwork(new OnlineConfig.Network(8, 12, 0.1))
          .withTraining(new OnlineConfig.Training(4, 2, 1e-2, 20, 2000, 3e-3, 1));

  @Test
  void itAnswersAsTheSavedModelUnderAVersionOfItsOwn() throws IOException {
    try (var model = OnlineLstm.create(config, compute)) {
      var signal = new LabelSignal(1);
      feed(model, signal, 102); // in the middle of a batch
      byte[] saved = States.save(model);
      float[] then = answer(model);
      feed(model, signal, 101);
      long version = model.version();
      assertThat(answer(model)).isNotEqualTo(then);

      rollBack(model, saved);

      assertThat(answer(model)).isEqualTo(then);
      assertThat(model.version()).isEqualTo(version + 1);
      StepReport first = feed(model, signal, 4);
      // The warm-up has begun again: 20 steps of it.
      assertThat(first.learned()).isTrue();
      assertThat(first.learningRate()).isLessThan(0.1f * 1e-2f);
    }
  }

  @Test
  void itIsAFunctionOfRowsAndSavedState() throws IOException {
    try (var one = OnlineLstm.create(config, compute);
        var other = OnlineLstm.create(config, compute)) {
      var signal = new LabelSignal(2);
      var same = new LabelSignal(2);
      feed(one, signal, 60);
      feed(other, same, 60);
      byte[] saved = States.save(one);
      feed(one, signal, 30);
      feed(other, same, 30);
      rollBack(one, saved);
      try (var restored = States.load(States.save(other), config, compute)) {
        rollBack(restored, saved);
        feed(one, signal, 41);
        feed(restored, same, 41);
        assertThat(restored.stateHash()).isEqualTo(one.stateHash());
      }
    }
  }

  @Test
  void aStateOfAnotherConfigurationChangesNothing() throws IOException {
    try (var model = OnlineLstm.create(config, compute);
        var other = OnlineLstm.create(config.withSeed(9), compute)) {
      feed(model, new LabelSignal(3), 50);
      String before = model.stateHash();
      byte[] saved = States.save(other);
      assertThatThrownBy(() -> rollBack(model, saved))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("seed was 9, is now 1");
      assertThat(model.stateHash()).isEqualTo(before);
    }
  }

  private static StepReport feed(OnlineLstm model, LabelSignal signal, int rows) {
    StepReport report = model.observe(signal.next(), 0);
    for (int i = 1; i < rows; i++) {
      report = model.observe(signal.next(), i);
    }
    return report;
  }

  private static void rollBack(OnlineLstm model, byte[] saved) throws IOException {
    model.rollBack(new DataInputStream(new ByteArrayInputStream(saved)));
  }

  private static float[] answer(OnlineLstm model) {
    ModelSnapshot snapshot = model.snapshot();
    try (var scope = new Scope(1 << 16)) {
      Tensor window = scope.zeros(DType.F32, Shape.of(1, 8, LabelSignal.FEATURES + 1));
      Tensor answer = scope.empty(DType.F32, Shape.of(1, 2));
      for (int i = 0; i < window.elements(); i++) {
        window.set(i, i % 3 == 2 ? 1 : 100 + i);
      }
      snapshot.answer(window, answer, scope);
      return answer.toFloats();
    } finally {
      snapshot.release();
    }
  }
}
