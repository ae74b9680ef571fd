package io.github.lenet.cli.output;

/** What the process tells its caller. */
public final class ExitCode {

  /** The command did what was asked. */
  public static final int DONE = 0;

  /** The command was right, and could not be carried out. */
  public static final int FAILED = 1;

  /** The command line was wrong; nothing was touched. */
  public static final int WRONG_USAGE = 2;

  private ExitCode() {}
}
