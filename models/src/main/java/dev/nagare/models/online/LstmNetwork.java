package dev.nagare.models.online;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.Module;
import dev.nagare.nn.ParameterFactory;

/** An LSTM and a linear head that starts at zero: a fresh forecaster repeats the last row. */
@SuppressWarnings("JavaLangClash") // see Module
final class LstmNetwork extends Module {
  private final Lstm lstm;
  private final Linear head;

  LstmNetwork(ParameterFactory factory, int features, int hidden) {
    lstm = register("lstm", new Lstm(factory, features, hidden));
    head = register("head", Linear.zeros(factory, hidden, features));
  }

  /** {@code [N, T, F] -> [N, T, F]}: after each row, the change to the next. */
  Variable forward(Variable z) {
    return head.forward(lstm.forward(z).hidden());
  }

  ForecastPath path(RunningScale scale) {
    return new ForecastPath(
        parameter("lstm.weight_ih_l0").value(),
        parameter("lstm.weight_hh_l0").value(),
        parameter("lstm.bias_ih_l0").value(),
        parameter("lstm.bias_hh_l0").value(),
        parameter("head.weight").value(),
        parameter("head.bias").value(),
        scale.mean,
        scale.spread,
        scale.change);
  }
}
