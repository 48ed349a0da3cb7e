package dev.nagare.models.online;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.Module;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.tensor.CounterRandom;

/** An LSTM and a linear head that starts at zero: a fresh model says "no change". */
@SuppressWarnings("JavaLangClash") // see Module
final class LstmNetwork extends Module {
  private final Lstm lstm;
  private final Linear head;

  LstmNetwork(ParameterFactory factory, int inputs, int hidden, int outputs) {
    lstm = register("lstm", new Lstm(factory, inputs, hidden));
    head = register("head", Linear.zeros(factory, hidden, outputs));
  }

  /**
   * The training pass, {@code [N, T, inputs] -> [N, T, outputs]}: an output after each row.
   *
   * @param dropout fraction of the LSTM's outputs that are left out
   * @param random says which
   */
  Variable forward(Variable inputs, double dropout, CounterRandom random) {
    Variable hidden = lstm.forward(inputs).hidden();
    return head.forward(dropout == 0 ? hidden : hidden.dropout(dropout, random));
  }

  LstmPath path() {
    return new LstmPath(
        parameter("lstm.weight_ih_l0").value(),
        parameter("lstm.weight_hh_l0").value(),
        parameter("lstm.bias_ih_l0").value(),
        parameter("lstm.bias_hh_l0").value(),
        parameter("head.weight").value(),
        parameter("head.bias").value());
  }
}
