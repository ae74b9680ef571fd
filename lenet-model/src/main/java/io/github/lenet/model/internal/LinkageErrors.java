package io.github.lenet.model.internal;

/** What the errors of loading classes and native libraries are about. */
public final class LinkageErrors {

  private LinkageErrors() {}

  /**
   * {@return whether a native library could not be loaded, or a class not be initialised because of
   * one; otherwise classes do not fit together}
   */
  public static boolean isAboutNatives(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof UnsatisfiedLinkError
          || String.valueOf(each.getMessage()).startsWith("Could not initialize class")) {
        return true;
      }
    }
    return false;
  }

  /** {@return the first line of the first cause's message} */
  public static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }
}
