"""Forms made from the settings that a layer declares."""

from ui.forms.settings_form import SettingsForm

__all__ = ["SettingsForm"]
