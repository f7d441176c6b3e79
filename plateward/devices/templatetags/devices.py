"""Directions in words: `{% load devices %}`."""

from django import template

from plateward.devices.rules import compass_word, direction_words

register = template.Library()
register.filter("compass", compass_word)
register.filter("bound", direction_words)
