package io.kvstore.actor;

/** All that reaches a key actor: commands from outside, events from where its commits are carried out. */
sealed interface KeyMessage permits KeyCommand, KeyEvent {}
