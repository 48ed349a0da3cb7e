package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.Example.BATCH;
import static dev.nagare.graph.pass.Example.names;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.HardSigmoid;
import dev.nagare.graph.op.Unary;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class FuseActivationsTest {

  private static void becomes(String name, BiFunction<Example, Value, Value> pieces) {
    try (var example = new Example()) {
      Value x = example.input("x", BATCH, Dim.of(5));
      Value y = pieces.apply(example, x);
      assertThat(names(example.after(y, new FuseActivations()))).containsExactly(name);
    }
  }

  private static Value erfPlusOne(Example e, Value x) {
    Value erf = e.unary(Unary.Function.ERF, e.div(x, e.number(Math.sqrt(2))));
    return e.add(erf, e.number(1));
  }

  @Test
  void geluIsRecognisedHoweverItsFactorsAreOrdered() {
    becomes("gelu", (e, x) -> e.mul(e.mul(x, erfPlusOne(e, x)), e.number(0.5)));
    becomes("gelu", (e, x) -> e.mul(x, e.mul(e.number(0.5), erfPlusOne(e, x))));
    becomes("gelu", (e, x) -> e.mul(e.mul(x, e.number(0.5)), erfPlusOne(e, x)));
  }

  @Test
  void geluByAHyperbolicTangentIsRecognisedWithPowersAndWithProducts() {
    becomes(
        "gelu_tanh",
        (e, x) -> {
          Value cube = e.binary(Binary.Function.POW, x, e.number(3));
          Value inner = e.add(x, e.mul(e.number(0.044715), cube));
          Value tanh = e.unary(Unary.Function.TANH, e.mul(e.number(Math.sqrt(2 / Math.PI)), inner));
          return e.mul(e.mul(e.number(0.5), x), e.add(e.number(1), tanh));
        });
    becomes(
        "gelu_tanh",
        (e, x) -> {
          Value square = e.mul(e.mul(e.number(0.044715), x), x);
          Value inner = e.mul(e.mul(x, e.number(0.79788456)), e.add(square, e.number(1)));
          return e.mul(
              e.number(0.5), e.mul(x, e.add(e.unary(Unary.Function.TANH, inner), e.number(1))));
        });
  }

  @Test
  void siluAndHardSwishAreRecognised() {
    becomes("silu", (e, x) -> e.mul(e.unary(Unary.Function.SIGMOID, x), x));
    becomes(
        "hard_swish",
        (e, x) -> {
          Value clip = e.graph.add(new Clip(0, 6), e.add(x, e.number(3)));
          return e.div(e.mul(x, clip), e.number(6));
        });
    becomes("hard_swish", (e, x) -> e.mul(x, e.graph.add(new HardSigmoid(1 / 6.0, 0.5), x)));
  }

  @Test
  void almostIsNotEnough() {
    try (var e = new Example()) {
      Value x = e.input("x", BATCH);
      Value erf = e.unary(Unary.Function.ERF, e.div(x, e.number(1.5)));
      e.unchangedBy(new FuseActivations(), e.mul(e.mul(x, e.add(erf, e.number(1))), e.number(0.5)));
    }
    try (var e = new Example()) {
      Value x = e.input("x", BATCH);
      Value clip = e.graph.add(new Clip(0, 6), e.add(x, e.number(2)));
      e.unchangedBy(new FuseActivations(), e.div(e.mul(x, clip), e.number(6)));
    }
  }
}
