package dev.nagare.oracle;

import dev.nagare.nn.Parameter;

/** Batched matrix products with broadcasting. */
class MatMulOracleTest {

  @OracleTest
  void batchesAgree(Candidate candidate) {
    agrees(candidate, new long[] {3, 4, 5}, new long[] {3, 5, 6});
    agrees(candidate, new long[] {2, 3, 17, 9}, new long[] {2, 3, 9, 33});
    agrees(candidate, new long[] {4, 1, 7}, new long[] {4, 7, 2});
  }

  @OracleTest
  void broadcastBatchesAgree(Candidate candidate) {
    agrees(candidate, new long[] {3, 4, 5}, new long[] {5, 6});
    agrees(candidate, new long[] {4, 5}, new long[] {3, 5, 6});
    agrees(candidate, new long[] {2, 1, 4, 5}, new long[] {3, 5, 6});
    agrees(candidate, new long[] {1, 3, 4, 5}, new long[] {2, 1, 5, 1});
  }

  @OracleTest
  void operandsInAnotherOrderAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter a = oracle.operand("a", 3, 5, 4);
      Parameter b = oracle.operand("b", 6, 3, 5);
      oracle.agrees(
          "torch.matmul(torch.transpose(a, 1, 2), torch.permute(b, [1, 2, 0]))",
          tape -> tape.watch(a).transpose(1, 2).matmul(tape.watch(b).permute(1, 2, 0)));
      oracle.agrees(
          "torch.matmul(torch.select(a, 2, 1), torch.select(torch.permute(b, [1, 2, 0]), 0, 1))",
          tape -> tape.watch(a).select(2, 1).matmul(tape.watch(b).permute(1, 2, 0).select(0, 1)));
    }
  }

  private static void agrees(Candidate candidate, long[] left, long[] right) {
    try (var oracle = new Oracle(candidate)) {
      Parameter a = oracle.operand("a", left);
      Parameter b = oracle.operand("b", right);
      oracle.agrees("torch.matmul(a, b)", tape -> tape.watch(a).matmul(b));
    }
  }
}
