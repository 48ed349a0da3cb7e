package dev.nagare.autograd;

import dev.nagare.tensor.TensorException;

/** The tape of any number of operands. */
final class Operands {
  private Operands() {}

  static Tape tape(String op, Variable... operands) {
    if (operands.length == 0) {
      throw TensorException.mismatch(op + ": expected at least one operand, got none");
    }
    Variable found = operands[0];
    for (Variable operand : operands) {
      if (operand.tape() != null) {
        found = operand;
        break;
      }
    }
    Tape tape = Tape.of(op, found);
    for (Variable operand : operands) {
      var _ = Tape.of(op, found, operand);
    }
    return tape;
  }
}
