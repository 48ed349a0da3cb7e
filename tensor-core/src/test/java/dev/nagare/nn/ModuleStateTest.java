package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.io.Safetensors;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleStateTest {
  @TempDir Path folder;
  private final ProcessMemory memory = new ProcessMemory("test");

  @AfterEach
  void close() {
    memory.close();
  }

  private static final class Counted extends Module {
    private final Tensor count;

    Counted(ProcessMemory memory, ParameterFactory factory) {
      var _ = register("head", new Linear(factory, 2, 3));
      count = registerBuffer("count", memory.zeros(DType.I64, Shape.of()));
    }
  }

  private static final class Outer extends Module {
    private final Counted inner;

    Outer(ProcessMemory memory, long seed) {
      inner = register("inner", new Counted(memory, new ParameterFactory(memory, DType.F32, seed)));
    }
  }

  @Test
  void theStateIsParametersAndBuffersByName() {
    Outer model = new Outer(memory, 1);
    assertThat(model.state().keySet())
        .containsExactly("inner.head.weight", "inner.head.bias", "inner.count");
    assertThat(model.parameters()).hasSize(2);
    assertThat(model.namedBuffers()).containsOnlyKeys("inner.count");
  }

  @Test
  void aStateGoesThroughAFile() throws IOException {
    Outer model = new Outer(memory, 1);
    model.inner.count.setLong(0, 42);
    Path path = folder.resolve("model.safetensors");
    Safetensors.write(path, model.state(), Map.of());
    Outer other = new Outer(memory, 2);
    try (Safetensors file = Safetensors.open(path)) {
      other.loadState(file.tensors());
    }
    assertThat(other.inner.count.getLong(0)).isEqualTo(42);
    assertThat(floats(other, "inner.head.weight")).isEqualTo(floats(model, "inner.head.weight"));
  }

  @Test
  void floatingPointNumbersAreConverted() {
    Outer model = new Outer(memory, 1);
    Map<String, Tensor> state = new LinkedHashMap<>(new Outer(memory, 2).state());
    Tensor bias = memory.of(Shape.of(3), 0.1f, 0.5f, -3);
    state.put("inner.head.bias", bias.to(DType.BF16, memory));
    model.loadState(state);
    assertThat(floats(model, "inner.head.bias")).containsExactly(0x1.9ap-4f, 0.5f, -3);
  }

  @Test
  void everyFaultIsNamedAtOnceAndNothingIsChanged() {
    Outer model = new Outer(memory, 1);
    float[] before = floats(model, "inner.head.weight");
    Map<String, Tensor> state = new LinkedHashMap<>(new Outer(memory, 2).state());
    var _ = state.remove("inner.head.bias");
    state.put("inner.count", memory.zeros(DType.F32, Shape.of()));
    state.put("extra", memory.zeros(DType.F32, Shape.of()));
    assertThatThrownBy(() -> model.loadState(state))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("inner.head.bias is missing, expected F32 [3]")
        .hasMessageContaining("inner.count is F32 [], expected I64 []")
        .hasMessageContaining("extra is unexpected");
    state.put("inner.head.weight", memory.zeros(DType.F32, Shape.of(2, 3)));
    assertThatThrownBy(() -> model.loadState(state))
        .hasMessageContaining("inner.head.weight is F32 [2, 3], expected F32 [3, 2]");
    assertThat(floats(model, "inner.head.weight")).isEqualTo(before);
  }

  @Test
  void twoStatesOfOneNameAreRefused() {
    class Twice extends Module {
      Twice() {
        var _ = registerBuffer("x", memory.zeros(DType.F32, Shape.of()));
        var _ = registerBuffer("x", memory.zeros(DType.F32, Shape.of()));
      }
    }
    assertThatThrownBy(Twice::new).hasMessageContaining("x already");
  }

  private static float[] floats(Module module, String name) {
    return Objects.requireNonNull(module.state().get(name)).toFloats();
  }
}
