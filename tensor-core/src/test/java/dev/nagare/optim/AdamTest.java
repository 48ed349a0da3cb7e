package dev.nagare.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.io.TensorBytes;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamTest {
  private final Kernels kernels = KernelProviders.byName("scalar").kernels();

  @Test
  void tenStepsAreThoseOfTheFormula() {
    try (var memory = new ProcessMemory("test")) {
      Parameter parameter =
          new ParameterFactory(memory, DType.F64, 3).create("p", new Uniform(1), 5);
      var adam = new Adam(kernels, List.of(parameter), memory);
      double[] p = new double[5];
      double[] m = new double[5];
      double[] v = new double[5];
      for (int i = 0; i < 5; i++) {
        p[i] = parameter.value().get(i);
      }
      for (int t = 1; t <= 10; t++) {
        double rate = 0.01 * t;
        for (int i = 0; i < 5; i++) {
          double g = Math.sin(t + i) * 3;
          parameter.gradient().set(i, g);
          m[i] = 0.9 * m[i] + 0.1 * g * 0.5;
          v[i] = 0.999 * v[i] + 0.001 * (g * 0.5) * (g * 0.5);
          double mHat = m[i] / (1 - Math.pow(0.9, t));
          double vHat = v[i] / (1 - Math.pow(0.999, t));
          p[i] -= rate * mHat / (Math.sqrt(vHat) + 1e-8);
        }
        adam.step(rate, 0.5);
        for (int i = 0; i < 5; i++) {
          assertThat(parameter.value().get(i)).as("step %s", t).isCloseTo(p[i], within(1e-12));
          assertThat(parameter.gradient().get(i)).isZero();
        }
      }
      assertThat(adam.steps()).isEqualTo(10);
    }
  }

  @Test
  void aRestoredOptimizerGoesOnWithTheSameBits() throws IOException {
    try (var memory = new ProcessMemory("test")) {
      Parameter a = new ParameterFactory(memory, DType.F32, 3).create("p", new Uniform(1), 7, 3);
      Parameter b = new ParameterFactory(memory, DType.F32, 3).create("p", new Uniform(1), 7, 3);
      var first = new Adam(kernels, List.of(a), memory);
      for (int t = 0; t < 5; t++) {
        new Uniform(1).fill(a.gradient(), new CounterRandom(1, t, 0));
        first.step(0.01, 1);
      }
      var bytes = new ByteArrayOutputStream();
      first.save(new DataOutputStream(bytes));
      var second = new Adam(kernels, List.of(b), memory);
      second.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      b.value().copyFrom(a.value());
      new Uniform(1).fill(a.gradient(), new CounterRandom(1, 9, 0));
      b.gradient().copyFrom(a.gradient());
      first.step(0.01, 1);
      second.step(0.01, 1);
      assertThat(b.value().toFloats()).isEqualTo(a.value().toFloats());
      assertThat(second.steps()).isEqualTo(6);
    }
  }

  /** Checkpoints of running learners have it. */
  @Test
  void stateIsStepsThenBothMomentsOfEachParameter() throws IOException {
    try (var memory = new ProcessMemory("test")) {
      var factory = new ParameterFactory(memory, DType.F32, 3);
      var adam =
          new Adam(
              kernels,
              List.of(
                  factory.create("a", new Uniform(1), 2), factory.create("b", new Uniform(1), 3)),
              memory);
      adam.restoreSteps(7);
      var expected = new ByteArrayOutputStream();
      var out = new DataOutputStream(expected);
      out.writeLong(7);
      for (int i = 0; i < 2; i++) {
        new Uniform(1).fill(adam.firstMoments().get(i), new CounterRandom(1, i, 0));
        new Uniform(1).fill(adam.secondMoments().get(i), new CounterRandom(1, i, 1));
        TensorBytes.write(adam.firstMoments().get(i), out);
        TensorBytes.write(adam.secondMoments().get(i), out);
      }
      var saved = new ByteArrayOutputStream();
      adam.save(new DataOutputStream(saved));
      assertThat(saved.toByteArray()).isEqualTo(expected.toByteArray());
    }
  }

  @Test
  void clippingBringsTheGlobalNormToTheLimitAndLeavesShortGradientsAlone() {
    try (var memory = new ProcessMemory("test")) {
      var factory = new ParameterFactory(memory, DType.F64, 3);
      var a = factory.create("a", new Uniform(1), 1);
      var b = factory.create("b", new Uniform(1), 1);
      a.gradient().set(0, 3);
      b.gradient().set(0, 4);
      double norm = ClipNorm.norm(kernels, List.of(a, b));
      assertThat(norm).isEqualTo(5);
      assertThat(new ClipNorm(1).scale(norm)).isCloseTo(1 / (5 + 1e-6), within(1e-15));
      assertThat(new ClipNorm(10).scale(norm)).isEqualTo(1);
    }
  }
}
