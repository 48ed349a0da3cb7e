package dev.nagare.server.security;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.config.Scope;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nagare token}: makes a token and the line of it for the file of tokens. */
@Command(
    name = "token",
    mixinStandardHelpOptions = true,
    description = "Make a token, and the line for the file that auth.tokens names.",
    footer = {
      "",
      "The token goes to standard error, for the caller; the line to standard output:",
      "  nagare token --principal trainer --scopes infer,learn >> tokens"
    })
public final class TokenCommand implements Callable<Integer> {
  @Option(
      names = "--principal",
      required = true,
      paramLabel = "NAME",
      description = "Who calls with it: letters, digits, '@', '.', '_', '-'.")
  private String principal = "";

  @Option(
      names = "--scopes",
      required = true,
      split = ",",
      paramLabel = "SCOPE",
      description = "What it allows: infer, learn, manage, label:any; separated by commas.")
  private List<String> scopes = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  TokenCommand() {}

  @Override
  public Integer call() {
    if (!principal.matches("[A-Za-z0-9@._-]{1,64}")) {
      throw new CommandException(
          ExitCode.USAGE,
          "--principal: expected up to 64 letters, digits, '@', '.', '_', '-', got '"
              + principal
              + "'");
    }
    Set<Scope> allowed = EnumSet.noneOf(Scope.class);
    for (String word : scopes) {
      allowed.add(
          Scope.of(word)
              .orElseThrow(
                  () ->
                      new CommandException(
                          ExitCode.USAGE,
                          "--scopes: expected some of " + Scope.words() + ", got '" + word + "'")));
    }
    String token = TokenFile.newToken();
    PrintWriter err = spec.commandLine().getErr();
    err.println("token of " + principal + ", shown once: " + token);
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    out.println(TokenFile.line(principal, allowed, token));
    out.flush();
    return ExitCode.OK;
  }
}
