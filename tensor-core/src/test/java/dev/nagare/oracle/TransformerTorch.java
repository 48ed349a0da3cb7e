package dev.nagare.oracle;

/** Statements of TorchScript for the parts of a Transformer, by their parameters' names. */
final class TransformerTorch {
  private final StringBuilder body = new StringBuilder();
  private final int n;
  private final int features;
  private final int heads;

  TransformerTorch(int n, int features, int heads) {
    this.n = n;
    this.features = features;
    this.heads = heads;
  }

  /** Adds {@code name = expression}. */
  TransformerTorch let(String name, String expression) {
    body.append(name).append(" = ").append(expression).append('\n');
    return this;
  }

  /**
   * Multi-head attention from q to k and v, into {@code to}.
   *
   * @param part prefix of the parameters
   * @param mask last arguments, such as {@code None, 0., True}
   */
  TransformerTorch attention(
      String to, String part, String q, int queries, String k, String v, int keys, String mask) {
    project(to + "_q", part, q, 0, queries);
    project(to + "_k", part, k, 1, keys);
    project(to + "_v", part, v, 2, keys);
    let(to, "torch.scaled_dot_product_attention(%1$s_q, %1$s_k, %1$s_v, %2$s)".formatted(to, mask));
    let(
        to,
        "torch.reshape(torch.transpose(%s, 1, 2), [%d, %d, %d])"
            .formatted(to, n, queries, features));
    return let(
        to, "torch.linear(%1$s, %2$sout_proj_weight, %2$sout_proj_bias)".formatted(to, part));
  }

  private void project(String to, String part, String x, int third, int steps) {
    int first = third * features;
    let(
        to,
        "torch.linear(%1$s, torch.narrow(%2$sin_proj_weight, 0, %3$d, %4$d),"
                .formatted(x, part, first, features)
            + " torch.narrow(%sin_proj_bias, 0, %d, %d))".formatted(part, first, features));
    let(
        to,
        "torch.transpose(torch.view(%s, [%d, %d, %d, %d]), 1, 2)"
            .formatted(to, n, steps, heads, features / heads));
  }

  /** Layer normalisation of {@code x}. */
  String norm(String x, String part) {
    return "torch.layer_norm(%1$s, [%2$d], %3$s_weight, %3$s_bias, 1e-05, False)"
        .formatted(x, features, part);
  }

  /** The feed-forward part of {@code x}. */
  static String feedForward(String x, String activation) {
    return "torch.linear(torch.%s(torch.linear(%s, linear1_weight, linear1_bias)), linear2_weight,"
            .formatted(activation, x)
        + " linear2_bias)";
  }

  String returning(String result) {
    return body + "return [" + result + "]";
  }
}
