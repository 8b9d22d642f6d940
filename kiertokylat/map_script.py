"""What the base map does in the browser beside Leaflet's own: a template that folium fills in."""

SCRIPT = """
{% macro script(this, kwargs) %}
    var box = {{ this._parent.get_name() }}.getContainer();
    box.style.background = {{ this.backdrop | tojson }};
    // Chromium without a graphics card may leave out the land under a lake's own layer.
    var rule = document.createElement("style");
    rule.textContent = ".leaflet-zoom-animated { will-change: auto !important; }"
        + ".leaflet-tooltip { font-size: {{ this.tip_px }}px; width: max-content;"
        + " max-width: 22em; white-space: normal; line-height: 1.35; }";
    document.head.appendChild(rule);
    {% if this.fill %}
    // As high as the page makes the frame, whatever height the component asks for.
    box.style.height = "100vh";
    {{ this._parent.get_name() }}.invalidateSize({animate: false});
    {% endif %}
    L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});
    // Screen readers: the component names itself, and Leaflet its buttons, in English.
    document.documentElement.lang = {{ this.spoken["lang"] | tojson }};
    window.frameElement?.setAttribute("aria-label", {{ this.spoken["map"] | tojson }});
    for (const name of ["in", "out"]) {
        var button = box.querySelector(".leaflet-control-zoom-" + name);
        button.title = {{ this.spoken | tojson }}["zoom_" + name];
        button.setAttribute("aria-label", button.title);
    }
    var {{ this.get_name() }} = L.geoJson(null, {{ this.options | tojavascript }});
    {{ this.get_name() }}.addTo({{ this._parent.get_name() }});
    fetch({{ this.url | tojson }})
        .then(function (answer) { return answer.json(); })
        .then(function (data) { {{ this.get_name() }}.addData(data); });
{% endmacro %}
"""
