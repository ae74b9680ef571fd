package io.github.lenet.model;

import io.github.lenet.model.internal.GraphLocale;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For tests that build graphs themselves: they work in languages with digits of their own, too. */
public final class OwnGraphs implements BeforeEachCallback, AfterEachCallback {

  @Override
  public void beforeEach(ExtensionContext context) {
    GraphLocale.enter();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    GraphLocale.exit();
  }
}
