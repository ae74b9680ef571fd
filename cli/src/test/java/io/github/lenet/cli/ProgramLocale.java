package io.github.lenet.cli;

import java.util.Locale;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives the tests in this module the default locale that {@link Lenet#main} sets. */
public final class ProgramLocale implements BeforeAllCallback {

  @Override
  public void beforeAll(ExtensionContext context) {
    Locale.setDefault(Locale.ROOT);
  }
}
