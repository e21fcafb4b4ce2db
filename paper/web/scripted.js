// Tells the style sheet that scripts run, before anything is drawn, so that nothing moves later.
document.documentElement.classList.add("scripted");
