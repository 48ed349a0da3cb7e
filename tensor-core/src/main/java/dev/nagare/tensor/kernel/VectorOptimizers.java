package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Loops#sgd} and {@link Loops#adam} with vectors, over whole vectors of elements.
 *
 * <p>Each kind of step is a loop of its own, so that none has a branch: see {@link LoopUnit}.
 */
final class VectorOptimizers {
  private static final int LANES = FLOATS.length();

  private static final LoopUnit DESCEND = unit("descend");
  private static final LoopUnit MOMENTUM = unit("descendWithMomentum");
  private static final LoopUnit NESTEROV = unit("descendLookingAhead");
  private static final LoopUnit ADAM = unit("update");
  private static final LoopUnit DECAYED_ADAM = unit("decayAndUpdate");

  private VectorOptimizers() {}

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  static void sgd(long parameter, long gradient, Kernels.SgdStep step, long n) {
    DESCEND.run(step, parameter, gradient, n);
  }

  static void descend(Kernels.SgdStep step, long parameter, long gradient, long n) {
    FloatVector size = all((float) -step.learningRate());
    FloatVector decay = all((float) step.weightDecay());
    FloatVector scale = all((float) step.gradientScale());
    for (long i = 0; i < n; i += LANES) {
      FloatVector p = load(parameter, i);
      FloatVector g = decay.fma(p, scale.mul(load(gradient, i)));
      store(size.fma(g, p), parameter, i);
    }
  }

  static void sgd(long parameter, long gradient, long velocity, Kernels.SgdStep step, long n) {
    LoopUnit loop = step.nesterov() ? NESTEROV : MOMENTUM;
    loop.run(step, parameter, gradient, velocity, n);
  }

  static void descendWithMomentum(
      Kernels.SgdStep step, long parameter, long gradient, long velocity, long n) {
    FloatVector size = all((float) -step.learningRate());
    FloatVector decay = all((float) step.weightDecay());
    FloatVector scale = all((float) step.gradientScale());
    FloatVector momentum = all((float) step.momentum());
    FloatVector gain = all((float) step.gain());
    for (long i = 0; i < n; i += LANES) {
      FloatVector p = load(parameter, i);
      FloatVector g = decay.fma(p, scale.mul(load(gradient, i)));
      FloatVector moving = momentum.fma(load(velocity, i), gain.mul(g));
      store(moving, velocity, i);
      store(size.fma(moving, p), parameter, i);
    }
  }

  static void descendLookingAhead(
      Kernels.SgdStep step, long parameter, long gradient, long velocity, long n) {
    FloatVector size = all((float) -step.learningRate());
    FloatVector decay = all((float) step.weightDecay());
    FloatVector scale = all((float) step.gradientScale());
    FloatVector momentum = all((float) step.momentum());
    FloatVector gain = all((float) step.gain());
    for (long i = 0; i < n; i += LANES) {
      FloatVector p = load(parameter, i);
      FloatVector g = decay.fma(p, scale.mul(load(gradient, i)));
      FloatVector moving = momentum.fma(load(velocity, i), gain.mul(g));
      store(moving, velocity, i);
      store(size.fma(momentum.fma(moving, g), p), parameter, i);
    }
  }

  static void adam(long parameter, long gradient, long m, long v, Kernels.AdamStep step, long n) {
    LoopUnit loop = step.decays() ? DECAYED_ADAM : ADAM;
    loop.run(step, parameter, gradient, m, v, n);
  }

  static void update(Kernels.AdamStep step, long parameter, long gradient, long m, long v, long n) {
    FloatVector scale = all((float) step.gradientScale());
    FloatVector beta1 = all((float) step.beta1());
    FloatVector beta2 = all((float) step.beta2());
    FloatVector rest1 = all((float) (1 - step.beta1()));
    FloatVector rest2 = all((float) (1 - step.beta2()));
    FloatVector size = all((float) (-step.learningRate() / step.biasCorrection1()));
    FloatVector root = all((float) (1 / Math.sqrt(step.biasCorrection2())));
    FloatVector epsilon = all((float) step.epsilon());
    for (long i = 0; i < n; i += LANES) {
      FloatVector g = scale.mul(load(gradient, i));
      FloatVector first = beta1.fma(load(m, i), rest1.mul(g));
      FloatVector second = beta2.fma(load(v, i), rest2.mul(g.mul(g)));
      store(first, m, i);
      store(second, v, i);
      FloatVector divisor = second.sqrt().fma(root, epsilon);
      store(size.fma(first.div(divisor), load(parameter, i)), parameter, i);
    }
  }

  static void decayAndUpdate(
      Kernels.AdamStep step, long parameter, long gradient, long m, long v, long n) {
    FloatVector scale = all((float) step.gradientScale());
    FloatVector beta1 = all((float) step.beta1());
    FloatVector beta2 = all((float) step.beta2());
    FloatVector rest1 = all((float) (1 - step.beta1()));
    FloatVector rest2 = all((float) (1 - step.beta2()));
    FloatVector size = all((float) (-step.learningRate() / step.biasCorrection1()));
    FloatVector root = all((float) (1 / Math.sqrt(step.biasCorrection2())));
    FloatVector epsilon = all((float) step.epsilon());
    FloatVector decay = all((float) step.weightDecay());
    FloatVector shrink = all((float) step.shrink());
    for (long i = 0; i < n; i += LANES) {
      FloatVector p = load(parameter, i);
      FloatVector g = decay.fma(p, scale.mul(load(gradient, i)));
      FloatVector first = beta1.fma(load(m, i), rest1.mul(g));
      FloatVector second = beta2.fma(load(v, i), rest2.mul(g.mul(g)));
      store(first, m, i);
      store(second, v, i);
      FloatVector divisor = second.sqrt().fma(root, epsilon);
      store(size.fma(first.div(divisor), shrink.mul(p)), parameter, i);
    }
  }
}
