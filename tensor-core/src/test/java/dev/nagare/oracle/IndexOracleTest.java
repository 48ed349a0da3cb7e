package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/** Elements by index, joins, borders and views. */
class IndexOracleTest {

  @OracleTest
  void gatherAgrees(Candidate candidate) {
    for (int axis = -1; axis < 3; axis++) {
      int along = axis;
      try (var oracle = new Oracle(candidate)) {
        Parameter x = oracle.operand("x", 4, 5, 6);
        Tensor index = index(oracle, 3, 4, 4);
        oracle.agrees(
            "torch.gather(x, " + axis + ", torch.to(index, 4))",
            tape -> tape.watch(x).gather(along, tape.constant(index)));
        oracle.agrees(
            "torch.gather(torch.permute(x, [1, 2, 0]), " + axis + ", torch.to(index, 4))",
            tape -> tape.watch(x).permute(1, 2, 0).gather(along, tape.constant(index)));
      }
    }
  }

  @OracleTest
  void scatterAddAgrees(Candidate candidate) {
    for (int axis = -1; axis < 3; axis++) {
      int along = axis;
      try (var oracle = new Oracle(candidate)) {
        Parameter x = oracle.operand("x", 4, 5, 6);
        Parameter source = oracle.operand("source", 3, 4, 4);
        Tensor index = index(oracle, 3, 4, 4);
        oracle.agrees(
            "torch.scatter_add(x, " + axis + ", torch.to(index, 4), source)",
            tape -> tape.watch(x).scatterAdd(along, tape.constant(index), source));
      }
    }
  }

  @OracleTest
  void chosenRowsAgree(Candidate candidate) {
    for (int axis = -1; axis < 3; axis++) {
      int along = axis;
      try (var oracle = new Oracle(candidate)) {
        Parameter x = oracle.operand("x", 4, 5, 6);
        Tensor index = index(oracle, 7);
        oracle.agrees(
            "torch.index_select(x, " + axis + ", torch.to(index, 4))",
            tape -> tape.watch(x).indexSelect(along, tape.constant(index)));
      }
    }
  }

  @OracleTest
  void joinsAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 3, 4, 5);
      Parameter y = oracle.operand("y", 3, 2, 5);
      Parameter z = oracle.operand("z", 5, 4, 3);
      String turned = "torch.permute(z, [2, 1, 0])";
      oracle.agrees(
          "torch.cat([x, y, " + turned + "], 1)",
          tape -> Variable.concat(1, tape.watch(x), y, tape.watch(z).permute(2, 1, 0)));
      for (int axis = -1; axis < 4; axis++) {
        int along = axis;
        oracle.agrees(
            "torch.stack([x, " + turned + ", x * x], " + axis + ") + torch.sum(y)",
            tape ->
                Variable.stack(
                        along,
                        tape.watch(x),
                        tape.watch(z).permute(2, 1, 0),
                        tape.watch(x).square())
                    .add(tape.watch(y).sum()));
      }
    }
  }

  @OracleTest
  void bordersAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 3, 4, 5);
      oracle.agrees("torch.constant_pad_nd(x, [1, 2], 0.5)", tape -> tape.watch(x).pad(0.5, 1, 2));
      oracle.agrees(
          "torch.constant_pad_nd(x, [1, 0, 0, 3, 2, 1], -1.)",
          tape -> tape.watch(x).pad(-1, 1, 0, 0, 3, 2, 1));
      oracle.agrees(
          "torch.constant_pad_nd(torch.transpose(x, 0, 2), [0, 1, 2, 0], 0.)",
          tape -> tape.watch(x).transpose(0, 2).pad(0, 0, 1, 2, 0));
    }
  }

  @OracleTest
  void viewsAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 4, 1, 6);
      oracle.agrees(
          "torch.expand(x, [4, 3, 6]) * torch.select(x, 0, 2)",
          tape -> tape.watch(x).expand(4, 3, 6).mul(tape.watch(x).select(0, 2)));
      oracle.agrees(
          "torch.slice(x, 2, 1, 6, 2) * torch.narrow(x, 2, 2, 3)",
          tape -> tape.watch(x).slice(2, 1, 6, 2).mul(tape.watch(x).narrow(2, 2, 3)));
      oracle.agrees(
          "torch.reshape(torch.transpose(x, 0, 2), [3, -1]) + torch.unsqueeze(torch.sum(x), 0)",
          tape -> tape.watch(x).transpose(0, 2).reshape(3, -1).add(tape.watch(x).sum()));
    }
  }

  /** Numbers from 0 to 2, of which many come twice. */
  private static Tensor index(Oracle oracle, long... dims) {
    double[] numbers = new double[(int) Shape.of(dims).elements()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i * i % 11 % 3;
    }
    return oracle.constant("index", DType.I64, Shape.of(dims), numbers);
  }
}
