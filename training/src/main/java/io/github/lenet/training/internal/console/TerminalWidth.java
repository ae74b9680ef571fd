package io.github.lenet.training.internal.console;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Platform;

/** The width of the terminal that is this process's standard error. */
final class TerminalWidth {

  /** Where nothing else is known. */
  private static final int USUAL = 80;

  private static final int STDERR = 2;

  private TerminalWidth() {}

  /** {@return the number of columns now: {@code $COLUMNS}, what the terminal says, or 80} */
  static int columns() {
    String chosen = System.getenv().getOrDefault("COLUMNS", "");
    if (chosen.matches("[1-9][0-9]{0,3}")) {
      return Integer.parseInt(chosen);
    }
    int found = Platform.isLinux() || Platform.isMac() ? ask() : 0;
    return found > 0 ? found : USUAL;
  }

  /** {@return the width by {@code TIOCGWINSZ}; 0 if there is none} */
  private static int ask() {
    long request = Platform.isMac() ? 0x40087468 : 0x5413;
    try (Memory size = new Memory(8)) { // rows, columns and two more, 16 bits each
      size.clear();
      Object[] arguments = {STDERR, request, size};
      int failed = Function.getFunction(Platform.C_LIBRARY_NAME, "ioctl").invokeInt(arguments);
      return failed != 0 ? 0 : Short.toUnsignedInt(size.getShort(2));
    } catch (LinkageError e) { // no JNA
      return 0;
    }
  }
}
