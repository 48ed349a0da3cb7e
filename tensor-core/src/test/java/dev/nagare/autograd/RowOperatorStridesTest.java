package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.nn.Gru;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.Rnn;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Attention;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Operators over rows take operands that lie otherwise, with the bits of a row-major copy. */
class RowOperatorStridesTest {
  private final Scope scope = new Scope(1 << 20);
  private final ProcessMemory memory = new ProcessMemory("test");
  private final Tape tape = new Tape(KernelProviders.best().kernels(), scope);
  private final SplittableRandom random = new SplittableRandom(20261128);

  @AfterEach
  void close() {
    scope.close();
    memory.close();
  }

  private Tensor numbers(long... dims) {
    Tensor x = scope.empty(DType.F32, Shape.of(dims));
    for (long i = 0; i < x.elements(); i++) {
      x.set(i, random.nextDouble(-1, 1));
    }
    return x;
  }

  /** {@code [3, 4, 6]} in several orders, and with gaps. */
  private void takesAnyStrides(UnaryOperator<Variable> operator) {
    same(numbers(4, 3, 6), x -> x.transpose(0, 1), operator);
    same(numbers(6, 4, 3), x -> x.permute(2, 1, 0), operator);
    same(numbers(3, 6, 4), x -> x.transpose(1, 2), operator);
    same(numbers(3, 9, 6), x -> x.slice(1, 1, 9, 2), operator);
    same(numbers(3, 1, 6), x -> x.expand(3, 4, 6), operator);
  }

  private void same(Tensor given, UnaryOperator<Variable> view, UnaryOperator<Variable> operator) {
    Variable strided = tape.leaf(given);
    Variable copied = tape.leaf(given);
    Variable one = operator.apply(view.apply(strided));
    Variable two = operator.apply(view.apply(copied).contiguous());
    assertThat(one.value().toFloats()).isEqualTo(two.value().toFloats());
    Variable weights = tape.constant(numbers(one.shape().toArray()));
    one.mul(weights).sum().add(two.mul(weights).sum()).backward();
    assertThat(strided.gradient().toFloats()).isEqualTo(copied.gradient().toFloats());
    assertThat(strided.gradient().toFloats()).doesNotContain(Float.NaN);
  }

  @Test
  void softmaxAndItsLogarithm() {
    takesAnyStrides(Variable::softmax);
    takesAnyStrides(Variable::logSoftmax);
  }

  @Test
  void layerNormWithStridedParametersToo() {
    Variable weight = tape.leaf(numbers(6, 2));
    Variable bias = tape.leaf(numbers(2, 6));
    takesAnyStrides(x -> x.layerNorm(weight.select(1, 0), bias.select(0, 1), 1e-5));
  }

  @Test
  void attention() {
    takesAnyStrides(x -> x.attention(x, x.mul(2), 2, Attention.Mask.NONE));
  }

  @Test
  void positionsAndDropout() {
    Variable table = tape.leaf(numbers(9, 6));
    takesAnyStrides(x -> Positions.apply(x, table, 2));
    takesAnyStrides(x -> x.lastStep().add(x.lastSteps(2).select(1, 0)));
  }

  @Test
  void recurrentLayers() {
    var factory = new ParameterFactory(memory, DType.F32, 7);
    var lstm = new Lstm(factory, 6, 5);
    var gru = new Gru(factory, 6, 5);
    var rnn = new Rnn(factory, 6, 5);
    takesAnyStrides(x -> lstm.forward(x).hidden());
    takesAnyStrides(x -> gru.run(x).hidden());
    takesAnyStrides(x -> rnn.run(x).hidden());
  }

  @Test
  void functionsOfElementsKeepImagesChannelsLast() {
    Variable image = tape.leaf(numbers(2, 5, 4, 3)).permute(0, 3, 1, 2);
    for (Variable result :
        new Variable[] {image.clamp(-0.5, 0.5), image.neg(), image.gelu(), image.leakyRelu(0.1)}) {
      assertThat(result.value().strides()).isEqualTo(image.value().strides());
    }
    assertThat(image.dropout(0.5, new CounterRandom(1, 2, 3)).value().strides())
        .isEqualTo(image.value().strides());
  }
}
