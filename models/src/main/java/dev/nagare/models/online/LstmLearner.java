package dev.nagare.models.online;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.optim.Adam;
import dev.nagare.optim.ClipNorm;
import dev.nagare.optim.schedule.Cosine;
import dev.nagare.optim.schedule.LearningRate;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Weights, optimizer, schedule and guards: what an optimizer step changes.
 *
 * <p>The newest rows of a batch count as much as all rows of its sequences together (decision
 * 0012). A step that a guard takes back is counted too: scales have moved on, and a version names
 * the same bits for ever.
 */
final class LstmLearner {
  private final OnlineConfig config;
  private final OnlineConfig.Training training;
  private final Compute compute;
  private final Tape tape;
  private final LstmNetwork network;
  private final List<Parameter> parameters;
  private final Adam adam;
  private final GoodCopy good;
  private final LearningRate decay;
  private final ClipNorm clip;
  private final LossWatch losses;

  private long version;
  private long warmUpBegan;
  private long masks;
  private long looked;
  private double norm;

  LstmLearner(
      OnlineConfig config, Encoding encoding, Compute compute, ProcessMemory memory, Scope scope) {
    this.config = config;
    this.training = config.training();
    this.compute = compute;
    this.tape = new Tape(compute.learning(), scope);
    var factory = new ParameterFactory(memory, DType.F32, config.seed());
    this.network =
        new LstmNetwork(factory, encoding.inputs(), config.network().hidden(), encoding.outputs());
    this.parameters = network.parameters();
    this.adam = new Adam(compute.learning(), parameters, memory);
    this.good = new GoodCopy(parameters, adam, memory);
    this.decay =
        new Cosine(training.learningRate(), training.finalLearningRate(), training.decaySteps());
    this.clip = new ClipNorm(training.clipNorm());
    this.losses = new LossWatch(config.guards().lossDeviations(), ordinaryLoss(config.task()));
    this.norm = weightNorm();
  }

  /** The loss of a model that knows nothing, or that errs by the usual change. */
  private static double ordinaryLoss(OnlineConfig.Task task) {
    return switch (task) {
      case OnlineConfig.Task.Classify classify -> StrictMath.log(classify.classes());
      case OnlineConfig.Task.ClassifyExamples classify -> StrictMath.log(classify.classes());
      case OnlineConfig.Task.Forecast forecast -> {
        double linear = Math.min(1, forecast.huberDelta());
        yield linear * (1 - linear / 2);
      }
    };
  }

  /** The live weights. */
  LstmPath path() {
    return network.path();
  }

  long version() {
    return version;
  }

  /** Number of weights. */
  long weights() {
    return parameters.stream().mapToLong(parameter -> parameter.value().elements()).sum();
  }

  /** Takes one step; what it did goes to the report. */
  void step(Examples examples, PrequentialScores scores, StepReport report) {
    int newest = examples.newest();
    double loss = 0;
    for (int shard = 0; shard < training.shards(); shard++) {
      Variable inputs = tape.constant(examples.inputs(shard));
      var random = new CounterRandom(config.seed(), masks, 1 + shard);
      Variable out = network.forward(inputs, config.network().dropout(), random);
      Variable own = examples.loss(tape, out, newest);
      own.add(examples.loss(tape, out, (int) inputs.value().dim(1))).backward();
      loss += own.item() / training.shards();
      tape.reset();
    }
    masks++;
    double gradient = ClipNorm.norm(compute.learning(), parameters) / training.shards();
    double rate = rate();
    version++;
    Guard guard = update(loss, gradient, rate, scores);
    if (guard != null) {
      adam.zeroGradients();
      good.restore();
      norm = weightNorm();
      warmUpBegan = version;
    } else if (version % config.guards().snapshotSteps() == 0 && !isWorse(scores)) {
      good.take();
    }
    report.loss = (float) loss;
    report.gradientNorm = (float) gradient;
    report.learningRate = (float) rate;
    report.guard = guard;
    report.learned = guard == null;
  }

  /** Takes the weights and the optimizer of another learner, as a step. */
  void rollBack(LstmLearner saved) {
    good.takeFrom(saved.good);
    norm = weightNorm();
    version++;
    warmUpBegan = version;
  }

  /** After a roll-back the warm-up begins again; the decay goes on. */
  private double rate() {
    double full = decay.at(Math.max(0, version - training.warmUpSteps()));
    long warm = version - warmUpBegan;
    return warm < training.warmUpSteps() ? full * (warm + 1) / training.warmUpSteps() : full;
  }

  private @Nullable Guard update(
      double loss, double gradient, double rate, PrequentialScores scores) {
    if (!Double.isFinite(loss) || !Double.isFinite(gradient)) {
      return Guard.NON_FINITE;
    }
    if (losses.isSpike(loss)) {
      return Guard.LOSS_SPIKE;
    }
    adam.step(rate, clip.scale(gradient) / training.shards());
    double before = norm;
    norm = weightNorm();
    if (!Double.isFinite(norm)) {
      return Guard.NON_FINITE;
    }
    double jump = config.guards().normJump();
    if (jump > 0 && norm > jump * before) {
      return Guard.NORM_JUMP;
    }
    if (scores.count() - looked >= config.scoreWindow()) {
      looked = scores.count();
      return isWorse(scores) ? Guard.WORSE_THAN_BASELINE : null;
    }
    return null;
  }

  private boolean isWorse(PrequentialScores scores) {
    double limit = config.guards().worseThanBaseline();
    return limit > 0 && scores.isWorse(limit);
  }

  private double weightNorm() {
    double squares = 0;
    for (int i = 0; i < parameters.size(); i++) {
      squares += compute.learning().sumOfSquares(parameters.get(i).value());
    }
    return Math.sqrt(squares);
  }

  void save(StateOutput out) throws IOException {
    good.save(out);
    out.section("random", section -> section.writeLong(masks));
    out.section(
        "guards",
        section -> {
          section.writeLong(version);
          section.writeLong(warmUpBegan);
          section.writeLong(looked);
          losses.save(section);
        });
  }

  void load(StateInput in) throws IOException {
    good.load(in);
    in.section("random", section -> masks = section.readLong());
    in.section(
        "guards",
        section -> {
          version = section.readLong();
          warmUpBegan = section.readLong();
          looked = section.readLong();
          losses.load(section);
        });
    norm = weightNorm();
  }
}
