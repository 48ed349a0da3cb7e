package dev.nagare.oracle;

import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Uniform;
import dev.nagare.optim.Adam;
import dev.nagare.optim.AdamW;
import dev.nagare.optim.ClipNorm;
import dev.nagare.optim.ClipValue;
import dev.nagare.optim.Optimizer;
import dev.nagare.optim.ParameterGroup;
import dev.nagare.optim.Sgd;
import dev.nagare.tensor.CounterRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Ten steps of each optimizer beside those of libtorch.
 *
 * <p>The oracle is libtorch's own fused step, what {@code torch.optim} runs with {@code
 * fused=True}. DJL's optimizers are none: its Adam adds ε before the bias correction, its SGD has
 * neither dampening nor Nesterov's step.
 */
class OptimizerOracleTest {
  private static final int STEPS = 10;
  private static final double RATE = 0.05;
  private static final double DECAY = 0.1;
  private static final Adam.Betas BETAS = new Adam.Betas(0.8, 0.95, 1e-3);

  /** Makes an optimizer of one parameter. */
  private interface Maker {
    Optimizer make(Oracle oracle, ParameterGroup group);
  }

  @OracleTest
  void plainDescentAgrees(Candidate candidate) {
    sgdAgrees(candidate, Sgd.Options.PLAIN, 0);
  }

  @OracleTest
  void descentWithDecayAgrees(Candidate candidate) {
    sgdAgrees(candidate, Sgd.Options.PLAIN, DECAY);
  }

  @OracleTest
  void momentumAgrees(Candidate candidate) {
    sgdAgrees(candidate, Sgd.Options.momentum(0.9), DECAY);
  }

  @OracleTest
  void dampenedMomentumAgrees(Candidate candidate) {
    sgdAgrees(candidate, new Sgd.Options(0.9, 0.4, false), DECAY);
  }

  @OracleTest
  void nesterovAgrees(Candidate candidate) {
    sgdAgrees(candidate, Sgd.Options.nesterov(0.9), DECAY);
  }

  @OracleTest
  void adamAgrees(Candidate candidate) {
    adamAgrees(candidate, "_fused_adam", 0, (o, g) -> new Adam(o.kernels(), o.memory(), BETAS, g));
  }

  @OracleTest
  void adamWithDecayAgrees(Candidate candidate) {
    adamAgrees(
        candidate, "_fused_adam", DECAY, (o, g) -> new Adam(o.kernels(), o.memory(), BETAS, g));
  }

  @OracleTest
  void adamWAgrees(Candidate candidate) {
    adamAgrees(
        candidate, "_fused_adamw", DECAY, (o, g) -> new AdamW(o.kernels(), o.memory(), BETAS, g));
  }

  @OracleTest
  void clippingByNormAgrees(Candidate candidate) {
    String body =
        """
        factor = torch.clamp(torch.div(0.3, torch.norm(g) + 1e-6), None, 1.)
        return [p - g * factor * %s, s]"""
            .formatted(RATE);
    agrees(
        candidate,
        body,
        (oracle, group) -> new Sgd(oracle.kernels(), oracle.memory(), Sgd.Options.PLAIN, group),
        0,
        (oracle, optimizer) -> {
          double norm = ClipNorm.norm(oracle.kernels(), optimizer.parameters());
          optimizer.step(RATE, new ClipNorm(0.3).scale(norm));
        });
  }

  @OracleTest
  void clippingByValueAgrees(Candidate candidate) {
    agrees(
        candidate,
        "return [p - torch.clamp(g, -0.2, 0.2) * %s, s]".formatted(RATE),
        (oracle, group) -> new Sgd(oracle.kernels(), oracle.memory(), Sgd.Options.PLAIN, group),
        0,
        (oracle, optimizer) -> {
          new ClipValue(0.2).apply(oracle.kernels(), optimizer.parameters());
          optimizer.step(RATE);
        });
  }

  private static void sgdAgrees(Candidate candidate, Sgd.Options options, double decay) {
    String body =
        """
        a, b, c, = torch._fused_sgd([p], [g], %s, weight_decay=%s, momentum=%s, lr=%s,\
         dampening=%s, nesterov=%s, maximize=False, is_first_step=bool(t == 1))
        return [a[0], %s]"""
            .formatted(
                options.momentum() == 0 ? "annotate(List[Tensor], [])" : "[s]",
                decay,
                options.momentum(),
                RATE,
                options.dampening(),
                options.nesterov() ? "True" : "False",
                options.momentum() == 0 ? "s" : "c[0]");
    agrees(
        candidate,
        body,
        (oracle, group) -> new Sgd(oracle.kernels(), oracle.memory(), options, group),
        decay,
        (oracle, optimizer) -> optimizer.step(RATE));
  }

  private static void adamAgrees(Candidate candidate, String step, double decay, Maker maker) {
    String body =
        """
        a, b, c, d, e, = torch.%s([p], [g], [s], [r], annotate(List[Tensor], []),\
         [torch.to(t, 6)], lr=%s, beta1=%s, beta2=%s, weight_decay=%s, eps=%s, amsgrad=False,\
         maximize=False)
        return [a[0], c[0], d[0]]"""
            .formatted(step, RATE, BETAS.beta1(), BETAS.beta2(), decay, BETAS.epsilon());
    agrees(candidate, body, maker, decay, (oracle, optimizer) -> optimizer.step(RATE));
  }

  /** Takes one step of ours. */
  private interface Stepper {
    void step(Oracle oracle, Optimizer optimizer);
  }

  /**
   * Steps both sides with the same gradients and compares the parameter after each.
   *
   * @param body of the parameter p, its gradient g, the states s and r and the step t, to the new
   *     parameter and states
   */
  private static void agrees(
      Candidate candidate, String body, Maker maker, double decay, Stepper stepper) {
    try (var oracle = new Oracle(candidate)) {
      Parameter p = oracle.operand("p", 3, 37);
      var group = ParameterGroup.of(List.of(p)).withWeightDecay(decay);
      Optimizer optimizer = maker.make(oracle, group);
      Map<String, Values> theirs = new HashMap<>();
      theirs.put("p", Oracle.values(p.value()));
      theirs.put("s", zeros());
      theirs.put("r", zeros());
      for (int step = 1; step <= STEPS; step++) {
        new Uniform(1).fill(p.gradient(), new CounterRandom(3, step, 0));
        theirs.put("g", Oracle.values(p.gradient()));
        theirs.put("t", new Values(new double[] {step}));
        List<Values> next = Libtorch.run(body, theirs);
        theirs.put("p", next.get(0));
        theirs.put("s", next.get(1));
        theirs.put("r", next.getLast());
        stepper.step(oracle, optimizer);
        oracle.compare("parameter after step " + step, p.value(), next.getFirst());
      }
    }
  }

  private static Values zeros() {
    return new Values(new double[3 * 37], 3, 37);
  }
}
