// The places that a page has, and what is made of tags and numbers.
const picture = document.getElementById("picture");
const main = document.querySelector("main");
const settings = { responsive: true, displaylogo: false, toImageButtonOptions: { scale: 3 } };
const slender = 600;

const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
};

// Numbers as plotly.js takes them: lists, or base64 of their bytes.
const kinds = { f4: Float32Array, f8: Float64Array, i4: Int32Array };
const numbers = value => {
    if (value === undefined || value.bdata === undefined) return value;
    const text = atob(value.bdata);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return new kinds[value.dtype](bytes.buffer);
};
